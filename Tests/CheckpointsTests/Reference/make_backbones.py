"""Writes backbones.json: the logits of torchvision's networks under parameters that a formula gives.

    pip install torch==2.13.0+cpu torchvision==0.28.0
    python3 Tests/CheckpointsTests/Reference/make_backbones.py

The formula stands in BackboneTests.swift as well, so that no weights have to be kept. Networks that
torchvision does not have are written out here.
"""

import json
import pathlib

import numpy as np
import torch

# Only torchvision's Python is needed here: its compiled operators may be for another build of
# torch, and importing it asks for this one.
LIBRARY = torch.library.Library("torchvision", "DEF")
for operator in ("nms", "qnms"):
    LIBRARY.define(operator + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import torchvision
from torch import nn
from torch.nn import functional

SIZE = 64
CLASSES = 10


def noise(name, count):
    """Numbers from 0 to 1 that follow from a name."""
    phase = sum((index + 1) * byte for index, byte in enumerate(name.encode())) % 9973
    index = np.arange(count, dtype=np.float64)
    value = np.sin(index * 12.9898 + phase) * 43758.5453
    return value - np.floor(value)


def parameter(name, shape):
    count = int(np.prod(shape))
    u = noise(name, count)
    if name.endswith("running_var"):
        value = 0.5 + u
    elif name.endswith("running_mean") or name.endswith("bias"):
        value = 0.2 * (u - 0.5)
    elif len(shape) == 1:
        value = 0.75 + 0.5 * u
    else:
        # The variance of u is 1/12: He's initialisation.
        value = (u - 0.5) * np.sqrt(24 / np.prod(shape[1:]))
    return torch.from_numpy(value.astype(np.float32)).reshape(shape)


class Separable(nn.Module):
    """MobileNetV1 as Keras has it, under Keras's names; the last layer is linear."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 3, 2, bias=False)
        self.conv1_bn = nn.BatchNorm2d(32, eps=1e-3)
        channels = 32
        self.strides = []
        blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
        for index, (width, stride) in enumerate(blocks + [(512, 1)] * 5 + [(1024, 2), (1024, 1)]):
            name = index + 1
            self.strides.append(stride)
            self.add_module(f"conv_dw_{name}", nn.Conv2d(
                channels, channels, 3, stride, 1 if stride == 1 else 0, groups=channels,
                bias=False))
            self.add_module(f"conv_dw_{name}_bn", nn.BatchNorm2d(channels, eps=1e-3))
            self.add_module(f"conv_pw_{name}", nn.Conv2d(channels, width, 1, bias=False))
            self.add_module(f"conv_pw_{name}_bn", nn.BatchNorm2d(width, eps=1e-3))
            channels = width
        self.conv_preds = nn.Linear(1024, CLASSES)

    def forward(self, x):
        x = functional.relu6(self.conv1_bn(self.conv1(functional.pad(x, (0, 1, 0, 1)))))
        for index, stride in enumerate(self.strides):
            if stride == 2:
                x = functional.pad(x, (0, 1, 0, 1))
            for kind in ("dw", "pw"):
                x = getattr(self, f"conv_{kind}_{index + 1}")(x)
                x = functional.relu6(getattr(self, f"conv_{kind}_{index + 1}_bn")(x))
        return self.conv_preds(x.mean((2, 3)))


def same(x, convolution):
    """TensorFlow's padding: more below and to the right."""
    pads = []
    for extent, kernel, stride in zip(
            reversed(x.shape[2:]), reversed(convolution.kernel_size), reversed(convolution.stride)):
        total = max(0, (-(-extent // stride) - 1) * stride + kernel - extent)
        pads += [total // 2, total - total // 2]
    return convolution(functional.pad(x, pads))


class LiteBlock(nn.Module):
    def __init__(self, expansion, kernel, stride, inputs, outputs):
        super().__init__()
        width = expansion * inputs
        self.expands, self.adds = expansion != 1, stride == 1 and inputs == outputs
        if self.expands:
            self._expand_conv = nn.Conv2d(inputs, width, 1, bias=False)
            self._bn0 = nn.BatchNorm2d(width, eps=1e-3)
        self._depthwise_conv = nn.Conv2d(width, width, kernel, stride, groups=width, bias=False)
        self._bn1 = nn.BatchNorm2d(width, eps=1e-3)
        self._project_conv = nn.Conv2d(width, outputs, 1, bias=False)
        self._bn2 = nn.BatchNorm2d(outputs, eps=1e-3)

    def forward(self, x):
        y = x
        if self.expands:
            y = functional.relu6(self._bn0(self._expand_conv(y)))
        y = functional.relu6(self._bn1(same(y, self._depthwise_conv)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.adds else y


class Lite(nn.Module):
    """EfficientNet-Lite0."""

    def __init__(self, classes=CLASSES):
        super().__init__()
        self._conv_stem = nn.Conv2d(3, 32, 3, 2, bias=False)
        self._bn0 = nn.BatchNorm2d(32, eps=1e-3)
        blocks = []
        for expansion, kernel, stride, inputs, outputs, count in [
                (1, 3, 1, 32, 16, 1), (6, 3, 2, 16, 24, 2), (6, 5, 2, 24, 40, 2),
                (6, 3, 2, 40, 80, 3), (6, 5, 1, 80, 112, 3), (6, 5, 2, 112, 192, 4),
                (6, 3, 1, 192, 320, 1)]:
            for repetition in range(count):
                blocks.append(LiteBlock(
                    expansion, kernel, stride if repetition == 0 else 1,
                    inputs if repetition == 0 else outputs, outputs))
        self._blocks = nn.Sequential(*blocks)
        self._conv_head = nn.Conv2d(320, 1280, 1, bias=False)
        self._bn1 = nn.BatchNorm2d(1280, eps=1e-3)
        self._fc = nn.Linear(1280, classes)

    def forward(self, x):
        x = functional.relu6(self._bn0(same(x, self._conv_stem)))
        x = functional.relu6(self._bn1(self._conv_head(self._blocks(x))))
        return self._fc(x.mean((2, 3)))


def vgg(normalizes):
    models = torchvision.models
    model = (models.vgg16_bn if normalizes else models.vgg16)(num_classes=CLASSES)
    # At another size than 224 the engine's classifier follows the image; so does this one.
    model.avgpool = nn.Identity()
    model.classifier[0] = nn.Linear(512 * (SIZE // 32) ** 2, 4096)
    return model


def main():
    models = torchvision.models
    networks = {
        "resnet18": models.resnet18(num_classes=CLASSES),
        "resnet50": models.resnet50(num_classes=CLASSES),
        "vgg16": vgg(False),
        "vgg16-bn": vgg(True),
        "mobilenetv1": Separable(),
        "mobilenetv2": models.mobilenet_v2(num_classes=CLASSES),
        "mobilenetv3-small": models.mobilenet_v3_small(num_classes=CLASSES),
        "efficientnet-b0": models.efficientnet_b0(num_classes=CLASSES),
        "efficientnet-lite0": Lite(),
        "densenet121": models.densenet121(num_classes=CLASSES),
        "swin-t": models.swin_t(num_classes=CLASSES),
    }
    image = 4 * parameter("image.bias", (1, SIZE, SIZE, 3)).permute(0, 3, 1, 2)
    result = {}
    for name, model in networks.items():
        model.eval()
        state = {
            key: parameter(key, tuple(value.shape)) for key, value in model.state_dict().items()
            if not key.endswith(("num_batches_tracked", "relative_position_index"))}
        model.load_state_dict(state, strict=False)
        with torch.inference_mode():
            logits = model(image)[0]
        result[name] = {
            "parameters": sum(p.numel() for p in model.parameters()),
            "logits": [float(v) for v in logits]}
        print(name, result[name])
    target = pathlib.Path(__file__).with_name("backbones.json")
    target.write_text(json.dumps({
        "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
        "size": SIZE, "networks": result}, indent=1) + "\n")


if __name__ == "__main__":
    main()
