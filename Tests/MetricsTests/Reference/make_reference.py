"""Writes reference.json: measures of random predictions, computed by pycocotools, scikit-learn,
SciPy and NumPy.

    python3 -m pip install pycocotools scikit-learn
    python3 Tests/MetricsTests/Reference/make_reference.py

The file names the versions that made it. Boxes are whole numbers of pixels and scores whole numbers
of 64ths, so that single and double precision hold them exactly and ties are frequent.
"""

import contextlib
import io
import json
import pathlib
from importlib import metadata

import numpy as np
import scipy.stats
import sklearn.metrics
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

random = np.random.default_rng(20261)
CATEGORIES = 5


# Detection. A truth is [left, top, right, bottom, category, is crowd, area], a detection
# [left, top, right, bottom, category, score in 64ths].


def box(smallest, largest):
    width, height = random.integers(smallest, largest, size=2)
    left, top = random.integers(0, 320, size=2)
    return [int(x) for x in (left, top, left + width, top + height)]


def image(index):
    """An image of random objects and what a moderate detector finds of them."""
    # The last category is absent from the first third, category 3 is never there.
    names = [0, 1, 2] if index < 100 else [0, 1, 2, 4]
    truths = []
    for _ in range(int(random.integers(0, 6))):
        smallest, largest = [(4, 32), (24, 96), (80, 200)][int(random.integers(3))]
        edges = box(smallest, largest)
        crowd = bool(random.random() < 0.12)
        area = (edges[2] - edges[0]) * (edges[3] - edges[1])
        if random.random() < 0.3:
            area = int(area * random.uniform(0.5, 1))
        truths.append(edges + [int(random.choice(names)), int(crowd), area])
    detections = []
    for truth in truths:
        for _ in range(int(random.choice([0, 1, 1, 1, 2, 3]))):
            width, height = truth[2] - truth[0], truth[3] - truth[1]
            spread = max(1, int(0.12 * min(width, height)))
            edges = [int(x + random.integers(-spread, spread + 1)) for x in truth[:4]]
            edges[2], edges[3] = max(edges[0] + 1, edges[2]), max(edges[1] + 1, edges[3])
            if random.random() < 0.15:
                edges = truth[:4]
            category = truth[4] if random.random() < 0.85 else int(random.integers(CATEGORIES))
            detections.append(edges + [category, int(random.integers(16, 65))])
    for _ in range(int(random.integers(0, 4))):
        detections.append(box(4, 150) + [int(random.integers(CATEGORIES)),
                                         int(random.integers(0, 48))])
    if index % 97 == 5:  # More than 100 of one category, around one object.
        truths = [[40, 40, 90, 90, 1, 0, 2500]]
        for _ in range(120):
            shift = [int(x) for x in random.integers(-12, 13, size=4)]
            detections.append([a + b for a, b in zip([40, 40, 90, 90], shift)]
                              + [1, int(random.integers(0, 65))])
    if index % 29 == 3:
        truths = []
    if index % 31 == 7:
        detections = []
    random.shuffle(detections)
    return {"truths": truths, "detections": detections}


IMAGES = [image(index) for index in range(300)]


def evaluate(maximum):
    """COCOeval's precisions, [threshold, recall, category, area, 1], and its summary."""
    annotations, results = [], []
    for index, item in enumerate(IMAGES):
        for left, top, right, bottom, category, crowd, area in item["truths"]:
            annotations.append({
                "id": len(annotations) + 1, "image_id": index + 1, "category_id": category + 1,
                "bbox": [left, top, right - left, bottom - top], "area": area, "iscrowd": crowd})
        for left, top, right, bottom, category, score in item["detections"]:
            results.append({
                "image_id": index + 1, "category_id": category + 1, "score": score / 64,
                "bbox": [left, top, right - left, bottom - top]})
    truth = COCO()
    truth.dataset = {
        "images": [{"id": index + 1} for index in range(len(IMAGES))],
        "categories": [{"id": index + 1} for index in range(CATEGORIES)],
        "annotations": annotations, "info": {}}
    truth.createIndex()
    evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
    # The last is what counts; COCOeval sorts them.
    evaluation.params.maxDets = [1, 10, 100] if maximum == 100 else [1, maximum]
    evaluation.evaluate()
    evaluation.accumulate()
    if maximum == 100:
        evaluation.summarize()
    return evaluation.eval["precision"][..., -1], getattr(evaluation, "stats", None)


def mean(values):
    values = values[values > -1]
    return None if len(values) == 0 else float(values.mean())


def detection_case(maximum):
    with contextlib.redirect_stdout(io.StringIO()):
        precision, stats = evaluate(maximum)
    summary = {
        "map": mean(precision[..., 0]), "ap50": mean(precision[0, ..., 0]),
        "ap75": mean(precision[5, ..., 0]), "apSmall": mean(precision[..., 1]),
        "apMedium": mean(precision[..., 2]), "apLarge": mean(precision[..., 3]),
        "perCategory": [
            {"ap": mean(precision[:, :, k, 0]), "ap50": mean(precision[0, :, k, 0])}
            for k in range(CATEGORIES)]}
    if maximum == 100:
        named = [summary[key] for key in
                 ("map", "ap50", "ap75", "apSmall", "apMedium", "apLarge")]
        assert np.allclose(named, stats[:6], rtol=0, atol=1e-15), (named, stats)
    return {"maximum": maximum, "summary": summary}


# Segmentation: class 4 is neither there nor predicted, class 3 only predicted, 255 ignored.
def segmentation():
    labels = random.integers(0, 3, size=400)
    predictions = np.where(random.random(400) < 0.7, labels, random.integers(0, 4, size=400))
    labels[random.random(400) < 0.1] = 255
    keep = labels != 255
    ious = []
    for index in range(5):
        one, other = (labels == index) & keep, (predictions == index) & keep
        union = (one | other).sum()
        ious.append(None if union == 0 else float((one & other).sum() / union))
    named = [0, 1, 2, 3]
    known = sklearn.metrics.jaccard_score(
        labels[keep], predictions[keep], labels=named, average=None)
    assert np.allclose(known, ious[:4])
    return {"labels": labels.tolist(), "predictions": predictions.tolist(), "perClass": ious,
            "mean": float(np.mean(ious[:4])),
            "pixelAccuracy": float((labels == predictions)[keep].mean())}


def rounded(array, digits=4):
    """Numbers as short decimals, and as the single precision they are read in."""
    array = np.round(array, digits)
    return array.tolist(), array.astype(np.float32).astype(np.float64)


def depth():
    truths, t = rounded(np.where(random.random(300) < 0.2, 0, random.uniform(0.5, 10, 300)))
    predictions, p = rounded(np.array(truths) * random.lognormal(0, 0.3, 300)
                             + random.normal(0, 0.2, 300))
    known = t > 0
    p, t = np.maximum(p[known], np.float64(np.float32(1e-3))), t[known]
    ratio = np.maximum(p / t, t / p)
    return {"truths": truths, "predictions": predictions, "pixels": int(known.sum()),
            "absoluteRelative": float(np.mean(np.abs(p - t) / t)),
            "squaredRelative": float(np.mean((p - t) ** 2 / t)),
            "rootMeanSquared": float(np.sqrt(np.mean((p - t) ** 2))),
            "rootMeanSquaredLogarithmic": float(np.sqrt(np.mean((np.log(p) - np.log(t)) ** 2))),
            "within": [float(np.mean(ratio < 1.25**k)) for k in (1, 2, 3)]}


def regression():
    truths, t = rounded(random.normal(1000, [1, 20, 300], size=(40, 3)))
    predictions, p = rounded(np.array(truths) + random.normal(0, [0.5, 30, 10], size=(40, 3)))
    return {"truths": sum(truths, []), "predictions": sum(predictions, []),
            "mae": sklearn.metrics.mean_absolute_error(t, p, multioutput="raw_values").tolist(),
            "rmse": sklearn.metrics.root_mean_squared_error(
                t, p, multioutput="raw_values").tolist(),
            "r2": sklearn.metrics.r2_score(t, p, multioutput="raw_values").tolist()}


def multi_label():
    """Logits of one digit after the point, so that many are equal and some are 0."""
    truths = (random.random((60, 4)) < [0.5, 0.2, 0.05, 0.8]).astype(int)
    logits, x = rounded(2 * (truths - 0.4) + random.normal(0, 1.3, (60, 4)), 1)
    predicted = (x > 0).astype(int)
    precisions = [sklearn.metrics.average_precision_score(truths[:, k], x[:, k]) for k in range(4)]
    return {"truths": truths.flatten().tolist(), "logits": sum(logits, []),
            "macroF1": sklearn.metrics.f1_score(truths, predicted, average="macro"),
            "microF1": sklearn.metrics.f1_score(truths, predicted, average="micro"),
            "averagePrecisions": [float(x) for x in precisions],
            "meanAveragePrecision": float(np.mean(precisions)),
            "subset": float(sklearn.metrics.accuracy_score(truths, predicted))}


def student():
    return [{"degrees": degrees, "probability": probability,
             "quantile": float(scipy.stats.t.ppf(probability, degrees))}
            for degrees in (1, 2, 2.5, 3, 4, 5, 9, 19, 29, 100, 1e4)
            for probability in (0.975, 0.95, 0.995, 0.6, 0.5, 0.025, 0.001)]


def paired():
    first, second = random.normal(0.8, 0.02, size=(2, 5))
    interval = scipy.stats.ttest_rel(first, second).confidence_interval(0.95)
    return {"first": first.tolist(), "second": second.tolist(),
            "mean": float((first - second).mean()), "low": float(interval.low),
            "high": float(interval.high)}


def main():
    names = ("pycocotools", "scikit-learn", "scipy", "numpy")
    parts = {
        "made_with": ", ".join(f"{name} {metadata.version(name)}" for name in names),
        "categories": CATEGORIES,
        "detections": [detection_case(maximum) for maximum in (100, 2)],
        "segmentation": segmentation(), "depth": depth(), "regression": regression(),
        "multi_label": multi_label(), "student": student(), "paired": paired(),
    }
    lines = [f'"{key}":{json.dumps(value, separators=(",", ":"))}' for key, value in parts.items()]
    images = ",\n".join(json.dumps(item, separators=(",", ":")) for item in IMAGES)
    text = "{" + ",\n".join(lines + ['"images":[\n' + images + "\n]"]) + "}\n"
    pathlib.Path(__file__).with_name("reference.json").write_text(text)
    print(f"{len(IMAGES)} images, {len(text)} bytes")


if __name__ == "__main__":
    main()
