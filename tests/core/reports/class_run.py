"""The run folder of a classification test: made-up answers, features and pictures."""

import json

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score, roc_curve

CLASSES = ("A2C", "A3C", "A4C", "A5C", "PLAX", "SAXBASAL", "SAXMID", "SUB4C")
CONFUSED = {"A5C": "A4C", "A2C": "A3C"}
MACHINES = ("Vivid E9", "EPIQ 7")


class ClassRun:
    """Patients, each on one of two machines, scanned in each class once; counts what is read."""

    def __init__(self, root, *, patients=6, frames=5, seed=0):
        root.mkdir(parents=True, exist_ok=True)
        self.root, self.read = root, []
        self.rng = np.random.default_rng(seed)
        self.images_table = self._images(patients, frames)

    def _images(self, patients, frames):
        """Rows of per_image.csv."""
        rows = []
        for patient in range(patients):
            for view in CLASSES:
                for frame in range(frames):
                    name = f"{patient}_{view}"
                    row = {"index": len(rows), "id": f"{name}_{frame}", "subject": f"p{patient}"}
                    row |= {"sequence": name, "device": MACHINES[patient % 2], "truth": view}
                    rows.append(row)
        table = pd.DataFrame(rows)
        given = self._probabilities(table["truth"])
        best = given.argmax(axis=1)
        table["predicted"] = np.array(CLASSES)[best]
        table["correct"] = (table["predicted"] == table["truth"]).astype(int)
        table["confidence"] = given.max(axis=1)
        return table.assign(**{f"p/{name}": given[:, k] for k, name in enumerate(CLASSES)})

    def _probabilities(self, truth):
        """Sure of the truth as a rule, and now and then of the class it is confused with."""
        logits = self.rng.normal(0, 1, (len(truth), len(CLASSES)))
        for row, view in enumerate(truth):
            logits[row, CLASSES.index(view)] += 3
            logits[row, CLASSES.index(CONFUSED.get(view, view))] += 2
        shares = np.exp(logits)
        return shares / shares.sum(axis=1, keepdims=True)

    def sequences(self):
        """Rows of per_sequence.csv."""
        of = self.images_table.groupby("sequence")
        table = of[["subject", "device", "truth"]].first().assign(frames=of.size())
        table["majority"] = of["predicted"].agg(lambda names: names.mode()[0])
        mean = of[[f"p/{name}" for name in CLASSES]].mean().to_numpy()
        table["mean_probability"] = np.array(CLASSES)[mean.argmax(axis=1)]
        for way in ("majority", "mean_probability"):
            table[f"correct_{way}"] = (table[way] == table["truth"]).astype(int)
        return table.reset_index()

    def curves(self):
        """Rows of roc.csv, by scikit-learn."""
        parts = []
        for group in ("all", *self.images_table["device"].unique()):
            rows = self.images_table
            rows = rows if group == "all" else rows[rows["device"] == group]
            for name in CLASSES:
                truth, score = rows["truth"] == name, rows[f"p/{name}"]
                fpr, tpr, _ = roc_curve(truth, score)
                known = {"structure": name, "group": group, "auc": roc_auc_score(truth, score)}
                parts.append(pd.DataFrame({"fpr": fpr, "tpr": tpr}).assign(**known))
        return pd.concat(parts)

    def metrics(self, curves):
        """The test's part of summary.json."""
        images, sequences = self.images_table, self.sequences()
        areas = curves[curves["group"] == "all"].groupby("structure")["auc"].first()
        recall = images.groupby("truth")["correct"].mean()
        precision = images.groupby("predicted")["correct"].mean()
        means = {"accuracy": images["correct"].mean(), "auc": areas.mean()}
        means |= {"recall": recall.mean(), "precision": precision.mean()}
        means["sequence_accuracy"] = sequences["correct_majority"].mean()
        by_mean = sequences["correct_mean_probability"].mean()
        means["sequence_accuracy_mean_probability"] = by_mean
        for name, values in (("auc", areas), ("recall", recall), ("precision", precision)):
            means |= {f"{of}/{name}": value for of, value in values.items()}
        return {f"test/{name}": float(value) for name, value in means.items()}

    def features(self, size=64):
        """Features that lie together by class."""
        centres = self.rng.normal(0, 1, (len(CLASSES), size))
        own = centres[[CLASSES.index(name) for name in self.images_table["truth"]]]
        noise = self.rng.normal(0, 0.6, own.shape)
        return np.asarray(own + noise, np.float32)

    def images(self, index):
        """A fan of speckle, no mask."""
        self.read.append(index)
        rows, columns = np.mgrid[:120, :160]
        fan = (np.hypot(rows, columns - 80) < 110) & (abs(columns - 80) < 0.8 * rows + 4)
        noise = np.random.default_rng(index).integers(20, 200, (120, 160))
        return (noise * fan).astype(np.uint8), None

    def write(self, *, features=True, **summary):
        """Write all files of a finished run and return its folder."""
        tables = {"per_image": self.images_table, "per_sequence": self.sequences()}
        tables |= {"roc": self.curves(), "metrics": self._epochs()}
        metrics = self.metrics(tables["roc"])
        for name, table in tables.items():
            table.to_csv(self.root / f"{name}.csv", index=False)
        if features:
            index = self.images_table["index"].to_numpy()
            np.savez(self.root / "features.npz", index=index, features=self.features())
        known = {"project": "echo_views", "run": "one", "metrics": metrics, "best_epoch": 9}
        (self.root / "summary.json").write_text(json.dumps(known | summary))
        return self.root

    @staticmethod
    def _epochs():
        epoch = np.arange(12)
        columns = {"epoch": epoch, "step": 10 * epoch, "train/loss": 2 * np.exp(-epoch / 4)}
        columns |= {"val/loss": 0.3 + 1.8 * np.exp(-epoch / 4)}
        columns |= {"train/accuracy": 0.98 - 0.8 * np.exp(-epoch / 4)}
        return pd.DataFrame(columns | {"val/accuracy": 0.9 - 0.7 * np.exp(-epoch / 4)})
