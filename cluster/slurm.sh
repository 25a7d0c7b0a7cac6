#!/bin/bash
# One training over the GPUs of several machines of a SLURM cluster:
#
#     sbatch cluster/slurm.sh nerve_noisy_act --run big --config paper
#
# Before the job's time is over the run saves itself and is queued again; then it goes on exactly
# where it stopped, as it does after a preemption. Set the numbers below to your cluster.

#SBATCH --job-name=sonolab
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=4
#SBATCH --gpus-per-node=4
#SBATCH --cpus-per-task=4
#SBATCH --time=04:00:00
#SBATCH --signal=SIGUSR1@300
#SBATCH --requeue
#SBATCH --open-mode=append

# --ntasks-per-node: a process for each GPU
# --signal: seconds before the end; more than a validation takes, since a run saves between batches

set -euo pipefail
project=$1
shift
export SRUN_CPUS_PER_TASK=${SLURM_CPUS_PER_TASK:-1} # srun does not take it from the job by itself
srun --kill-on-bad-exit=1 .venv/bin/python -m "projects.$project" fit "$@"
