"""Side effects of a run: what it writes down, and what keeps it safe."""

from core.callbacks.annotation_presence import AnnotationPresence
from core.callbacks.annotation_removal import AnnotationRemoval
from core.callbacks.area_ratio import AreaRatio
from core.callbacks.best_checkpoint import BestCheckpoint
from core.callbacks.cine_predictions import CinePredictionWriter
from core.callbacks.epoch_log import EpochLog
from core.callbacks.exact_resume import ExactResume
from core.callbacks.finite_guard import FiniteGuard
from core.callbacks.gradual_unfreezing import GradualUnfreezing
from core.callbacks.idle_hooks import SkipIdleHooks
from core.callbacks.inference_time import InferenceTime
from core.callbacks.noise_pairs import NoisePairs
from core.callbacks.patch_pools import PatchPools
from core.callbacks.precise_batch_norm import PreciseBatchNorm
from core.callbacks.predictions import PredictionWriter
from core.callbacks.progress import ProgressBar
from core.callbacks.restoration import Restoration
from core.callbacks.run_config import RunConfig
from core.callbacks.run_keys import RunKeys
from core.callbacks.sequence_votes import SequenceVotes
from core.callbacks.spine_angle import SpineAngle
from core.callbacks.summary import RunSummary
from core.callbacks.test_outputs import TestOutputs
from core.callbacks.wandb_log import WandbLog
from core.callbacks.whitening import Whitening

__all__ = [
    "AnnotationPresence",
    "AnnotationRemoval",
    "AreaRatio",
    "BestCheckpoint",
    "CinePredictionWriter",
    "EpochLog",
    "ExactResume",
    "FiniteGuard",
    "GradualUnfreezing",
    "InferenceTime",
    "NoisePairs",
    "PatchPools",
    "PreciseBatchNorm",
    "PredictionWriter",
    "ProgressBar",
    "Restoration",
    "RunConfig",
    "RunKeys",
    "RunSummary",
    "SequenceVotes",
    "SkipIdleHooks",
    "SpineAngle",
    "TestOutputs",
    "WandbLog",
    "Whitening",
]
