"""Writes reference.json: what PyTorch 2.13.0 (CPU, float32) computes in a few steps.

    python3 Tests/TrainingTests/Reference/make_reference.py
"""

import json
import pathlib

import torch
from torch.optim import lr_scheduler as schedulers

STEPS = 8
torch.manual_seed(7)
# Nineteen elements are one vector of a kernel and a remainder.
WEIGHT = torch.randn(19)
BIAS = torch.randn(3)
GRADIENTS = [(torch.randn(19), torch.randn(3)) for _ in range(STEPS)]
# Steps in which the bias gets no gradient.
WITHOUT_BIAS = [2, 5]
FACTORS = [1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125]


def optimizer_case(node):
    """The weights and biases after each step under a recipe's optimizer node."""
    weight = torch.nn.Parameter(WEIGHT.clone())
    bias = torch.nn.Parameter(BIAS.clone())
    decay = node.get("weight_decay", 0.0)
    groups = [
        {"params": [weight], "weight_decay": decay},
        {"params": [bias], "weight_decay": decay if node.get("decay_biases") else 0.0},
    ]
    options = {"lr": node["learning_rate"]}
    if node["name"] == "sgd":
        options["momentum"] = node.get("momentum", 0.0)
        options["nesterov"] = node.get("nesterov", False)
        optimizer = torch.optim.SGD(groups, **options)
    else:
        options["betas"] = tuple(node.get("betas", (0.9, 0.999)))
        options["eps"] = node.get("epsilon", 1e-8)
        kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[node["name"]]
        optimizer = kind(groups, **options)
    weights, biases = [], []
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = node["learning_rate"] * FACTORS[step]
        weight.grad = GRADIENTS[step][0].clone()
        bias.grad = None if step in WITHOUT_BIAS else GRADIENTS[step][1].clone()
        optimizer.step()
        weights.append(weight.detach().tolist())
        biases.append(bias.detach().tolist())
    return {"node": node, "weights": weights, "biases": biases}


OPTIMIZERS = [
    {"name": "sgd", "learning_rate": 0.1},
    {"name": "sgd", "learning_rate": 0.1, "weight_decay": 0.05},
    {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9},
    {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9, "weight_decay": 0.05},
    {"name": "sgd", "learning_rate": 0.05, "momentum": 0.8, "nesterov": True,
     "weight_decay": 0.05, "decay_biases": True},
    {"name": "adam", "learning_rate": 0.01},
    {"name": "adam", "learning_rate": 0.02, "betas": [0.8, 0.95], "epsilon": 0.001,
     "weight_decay": 0.1},
    {"name": "adamw", "learning_rate": 0.01, "weight_decay": 0.3},
    {"name": "adamw", "learning_rate": 0.02, "betas": [0.5, 0.9], "weight_decay": 0.3,
     "decay_biases": True},
]

EPOCHS = 12
BASE = 0.2


def schedule_case(node, make):
    """The learning rate at the beginning of each epoch."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=BASE)
    scheduler = make(optimizer)
    rates = []
    for _ in range(EPOCHS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return {"node": node, "rates": rates}


def warm(optimizer, epochs, start=0.01):
    return schedulers.LinearLR(optimizer, start_factor=start, total_iters=epochs)


def chained(make):
    return lambda o: schedulers.ChainedScheduler([warm(o, 3), make(o)])


def followed(epochs, make):
    return lambda o: schedulers.SequentialLR(o, [warm(o, epochs, 0.1), make(o)], [epochs])


SCHEDULES = [
    ({"name": "constant"}, lambda o: schedulers.ConstantLR(o, factor=1)),
    ({"name": "constant", "warmup_epochs": 3}, lambda o: warm(o, 3)),
    ({"name": "step", "step_size": 4, "gamma": 0.3},
     lambda o: schedulers.StepLR(o, 4, gamma=0.3)),
    ({"name": "step", "step_size": 2, "warmup_epochs": 3},
     chained(lambda o: schedulers.StepLR(o, 2))),
    ({"name": "multi_step", "milestones": [3, 7, 8], "gamma": 0.5},
     lambda o: schedulers.MultiStepLR(o, [3, 7, 8], gamma=0.5)),
    ({"name": "multi_step", "milestones": [2, 5], "warmup_epochs": 3},
     chained(lambda o: schedulers.MultiStepLR(o, [2, 5]))),
    ({"name": "cosine"}, lambda o: schedulers.CosineAnnealingLR(o, EPOCHS)),
    ({"name": "cosine", "minimum": 0.01, "warmup_epochs": 4, "warmup_start": 0.1},
     followed(4, lambda o: schedulers.CosineAnnealingLR(o, EPOCHS - 4, eta_min=0.01))),
    ({"name": "polynomial"}, lambda o: schedulers.PolynomialLR(o, EPOCHS)),
    ({"name": "polynomial", "power": 0.9, "warmup_epochs": 4, "warmup_start": 0.1},
     followed(4, lambda o: schedulers.PolynomialLR(o, EPOCHS - 4, power=0.9))),
]

METRICS = [0.5, 0.6, 0.6, 0.61, 0.55, 0.61, 0.605, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7005, 0.7,
           0.69, 0.2, 0.2, 0.2, 0.2, 0.1, 0.1, 0.3, 0.3, 0.3, 0.3]


def plateau_case(node):
    """The learning rate after each epoch of METRICS."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=BASE)
    scheduler = schedulers.ReduceLROnPlateau(
        optimizer, mode=node["mode"], factor=node.get("factor", 0.1),
        patience=node.get("patience", 10), threshold=node.get("threshold", 1e-4),
        threshold_mode={"relative": "rel", "absolute": "abs"}[
            node.get("threshold_mode", "relative")],
        cooldown=node.get("cooldown", 0), min_lr=node.get("minimum", 0.0))
    rates = []
    for metric in METRICS:
        scheduler.step(metric)
        rates.append(optimizer.param_groups[0]["lr"])
    return {"node": node, "rates": rates}


PLATEAUS = [
    {"name": "plateau", "mode": "max", "patience": 2, "factor": 0.5},
    {"name": "plateau", "mode": "max", "patience": 1, "factor": 0.5, "cooldown": 2,
     "threshold": 0.05},
    {"name": "plateau", "mode": "min", "patience": 2, "minimum": 0.003},
    {"name": "plateau", "mode": "min", "patience": 0, "factor": 0.7, "threshold": 0.02,
     "threshold_mode": "absolute", "cooldown": 1},
    {"name": "plateau", "mode": "max", "patience": 1, "factor": 0.7, "threshold": 0.1,
     "threshold_mode": "absolute"},
    {"name": "plateau", "mode": "min", "patience": 2, "factor": 0.5, "threshold": 0.3},
    {"name": "plateau", "mode": "max", "patience": 0, "factor": 0.01},
]


def clipping_case(maximum):
    """The norm and the gradients of the first step after clipping."""
    parameters = [torch.nn.Parameter(WEIGHT.clone()), torch.nn.Parameter(BIAS.clone())]
    for parameter, gradient in zip(parameters, GRADIENTS[0]):
        parameter.grad = gradient.clone()
    norm = torch.nn.utils.clip_grad_norm_(parameters, maximum)
    return {"maximum": maximum, "norm": norm.item(),
            "weight": parameters[0].grad.tolist(), "bias": parameters[1].grad.tolist()}


def main():
    reference = {
        "made_with": "torch " + torch.__version__,
        "weight": WEIGHT.tolist(), "bias": BIAS.tolist(),
        "weight_gradients": [g[0].tolist() for g in GRADIENTS],
        "bias_gradients": [None if i in WITHOUT_BIAS else g[1].tolist()
                           for i, g in enumerate(GRADIENTS)],
        "factors": FACTORS,
        "optimizers": [optimizer_case(node) for node in OPTIMIZERS],
        "epochs": EPOCHS, "base": BASE,
        "schedules": [schedule_case(node, make) for node, make in SCHEDULES],
        "metrics": METRICS,
        "plateaus": [plateau_case(node) for node in PLATEAUS],
        "clippings": [clipping_case(maximum) for maximum in (0.5, 100.0)],
    }
    path = pathlib.Path(__file__).parent / "reference.json"
    # One list of numbers a line keeps differences readable.
    text = json.dumps(reference, indent=1)
    lines, buffer = [], None
    for line in text.split("\n"):
        stripped = line.strip()
        if buffer is None:
            if stripped.endswith("["):
                buffer = line
            else:
                lines.append(line)
        elif stripped.endswith("[") or stripped.endswith("{"):
            lines.append(buffer)
            buffer = line if stripped.endswith("[") else None
            if buffer is None:
                lines.append(line)
        elif stripped.startswith("]"):
            lines.append(buffer + stripped)
            buffer = None
        else:
            buffer += stripped + (" " if stripped.endswith(",") else "")
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
