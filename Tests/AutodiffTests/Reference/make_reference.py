"""Writes reference.json: values and gradients of operations, computed by PyTorch.

    python3 make_reference.py

made the committed file with PyTorch 2.13.0+cpu. Each case holds the operation's name, its
attributes, the inputs, the output, auxiliary values that no gradient flows through, the gradient of
the output and the gradients of the inputs (null where there is none). All arrays are in the engine's layouts, whatever PyTorch's are:

    images                    [batch, height, width, channels]
    convolution weights       [kernel height, kernel width, input channels / groups, output channels]
    transposed convolutions   [kernel height, kernel width, output channels / groups, input channels]
    linear weights            [inputs, outputs]

A transposed convolution's input channel c belongs to group c // (channels / groups), and so do the
output channels that it reaches: output channel o of group g is number g * (outputs / groups) + o.
"""

import json
import math
import pathlib
import struct

import torch
import torch.nn.functional as F

generator = torch.Generator().manual_seed(20260)
cases = []


def normal(*shape):
    return torch.randn(shape, generator=generator)


def array(tensor):
    """A tensor as JSON: the shape, and the numbers with just the digits a float32 needs."""
    numbers = [float(repr_float32(x)) for x in tensor.detach().contiguous().flatten().tolist()]
    return {"shape": list(tensor.shape), "values": numbers}


def repr_float32(x):
    """The shortest decimal that reads back as the same float32."""
    if math.isnan(x) or math.isinf(x):
        raise ValueError("only finite numbers are written")
    return next(s for s in (f"{x:.{d}g}" for d in range(1, 18)) if same_float32(float(s), x))


def same_float32(a, b):
    return struct.pack("f", a) == struct.pack("f", b)


def case(name, function, inputs, attributes=None, frozen=(), auxiliary=()):
    """Records a case; `function` takes and returns tensors in the engine's layouts."""
    inputs = [x.clone().requires_grad_(i not in frozen) for i, x in enumerate(inputs)]
    output = function(*inputs)
    upstream = normal(*output.shape)
    output.backward(upstream)
    cases.append(
        {
            "operation": name,
            "attributes": attributes or {},
            "inputs": [array(x) for x in inputs],
            "output": array(output),
            "auxiliary": [array(x) for x in auxiliary],
            "upstream": array(upstream),
            "gradients": [None if x.grad is None else array(x.grad) for x in inputs],
        }
    )


def to_nchw(x):
    return x.permute(0, 3, 1, 2)


def to_nhwc(x):
    return x.permute(0, 2, 3, 1)


# Arithmetic.
for name, function in {
    "add": torch.add, "subtract": torch.sub, "multiply": torch.mul, "divide": torch.div,
    "maximum": torch.maximum, "minimum": torch.minimum,
}.items():
    case(name, function, [normal(2, 3, 4), normal(3, 1)])
case("maximum", torch.maximum, [torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 3.0, 2.0])])
case("negate", torch.neg, [normal(5)])
case("scale_shift", lambda x: 2.5 * x - 0.75, [normal(5)], {"scale": 2.5, "shift": -0.75})
case("exp", torch.exp, [torch.tensor([-90.0, -20.0, -1.0, 0.0, 0.3, 1.0, 20.0, 80.0])])
case("log", torch.log, [normal(5).abs() + 0.1])
case("sqrt", torch.sqrt, [normal(5).abs() + 0.1])
case("abs", torch.abs, [torch.tensor([-1.5, 0.0, 2.0])])
for exponent in (2, 3, -1, 0.5, 1.7):
    case("power", lambda x: x.pow(exponent), [normal(5).abs() + 0.2], {"exponent": exponent})
case("clamp", lambda x: x.clamp(-0.5, 0.7), [torch.tensor([-1.0, -0.5, 0.1, 0.7, 2.0])],
     {"lower": -0.5, "upper": 0.7})

# Activations; the borders of their pieces included.
points = torch.tensor([-30.0, -4.0, -3.0, -2.5, -1.0, -0.1, 0.0, 0.1, 0.5, 1.0, 2.9, 3.0, 5.0, 6.0,
                       7.0, 25.0])
for name, function in {
    "relu": F.relu, "relu6": F.relu6, "selu": F.selu, "silu": F.silu, "hard_swish": F.hardswish,
    "hard_sigmoid": F.hardsigmoid, "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"), "sigmoid": torch.sigmoid,
    "tanh": torch.tanh, "softplus": F.softplus,
}.items():
    case("activate", function, [points], {"activation": name})
case("leaky_relu", lambda x: F.leaky_relu(x, 0.2), [points], {"slope": 0.2})
case("elu", lambda x: F.elu(x, 1.3), [points], {"alpha": 1.3})
case("prelu", lambda x, w: to_nhwc(F.prelu(to_nchw(x), w)), [normal(2, 2, 2, 3), normal(3)])
case("prelu", F.prelu, [normal(4, 5), normal(1)])
for axis in (-1, 1):
    case("softmax", lambda x: F.softmax(x, axis), [3 * normal(2, 3, 4)], {"axis": axis})
    case("log_softmax", lambda x: F.log_softmax(x, axis), [3 * normal(2, 3, 4)], {"axis": axis})
case("softmax", lambda x: F.softmax(x, -1), [torch.tensor([[1000.0, 999.0, -1000.0]])],
     {"axis": -1})

# Shape.
case("reshape", lambda x: x.reshape(4, -1), [normal(2, 3, 2)], {"dimensions": [4, -1]})
case("flatten", lambda x: x.flatten(1), [normal(2, 3, 2)], {"axis": 1})
case("transpose", lambda x: x.permute(2, 0, 1), [normal(2, 3, 4)], {"permutation": [2, 0, 1]})
case("concat", lambda *x: torch.cat(x, -1), [normal(2, 2), normal(2, 1), normal(2, 3)],
     {"axis": -1})
case("slice", lambda x: x[0:2, 1:6:2], [normal(3, 6, 2)],
     {"starts": [0, 1], "ends": [2, 6], "steps": [1, 2]})
case("pad", lambda x: F.pad(x, (0, 1, 2, 0), value=1.5), [normal(2, 3)],
     {"before": [2, 0], "after": [0, 1], "value": 1.5})
case("gather_rows", lambda x: F.embedding(torch.tensor([[2, 0], [2, 3]]), x), [normal(4, 3)],
     {"indices": [2, 0, 2, 3], "shape": [2, 2]})
for mode, arguments in {
    "nearest": {"mode": "nearest"},
    "bilinear": {"mode": "bilinear", "align_corners": False},
    "bilinear_align_corners": {"mode": "bilinear", "align_corners": True},
}.items():
    for size in ((5, 7), (2, 2), (6, 8)):
        case("resize", lambda x: to_nhwc(F.interpolate(to_nchw(x), size=size, **arguments)),
             [normal(2, 3, 4, 2)], {"height": size[0], "width": size[1], "mode": mode})

# Reductions.
for axes, keep in (([0, 2], False), ([1], True)):
    attributes = {"axes": axes, "keep_dimensions": keep}
    case("sum", lambda x: x.sum(axes, keep), [normal(2, 3, 4)], attributes)
    case("mean", lambda x: x.mean(axes, keep), [normal(2, 3, 4)], attributes)
    case("reduce_maximum", lambda x: x.amax(axes, keep), [normal(2, 3, 4)], attributes)
    case("reduce_minimum", lambda x: x.amin(axes, keep), [normal(2, 3, 4)], attributes)
    for correction in (0, 1):
        case("variance", lambda x: x.var(axes, correction=correction, keepdim=keep),
             [normal(2, 3, 4)], attributes | {"correction": correction})
case("reduce_maximum", lambda x: x.amax([0]), [torch.tensor([1.0, 3.0, 3.0, 3.0])],
     {"axes": [0], "keep_dimensions": False})

# Normalisation.
case("layer_norm", lambda x: F.layer_norm(x, (4,)), [normal(2, 3, 4)],
     {"axes": 1, "epsilon": 1e-5})
case("layer_norm", lambda x, w, b: F.layer_norm(x, (3, 4), w, b, 1e-3),
     [normal(2, 3, 4), normal(3, 4), normal(3, 4)], {"axes": 2, "epsilon": 1e-3})
case("group_norm", lambda x, w, b: to_nhwc(F.group_norm(to_nchw(x), 2, w, b)),
     [normal(2, 2, 3, 4), normal(4), normal(4)], {"groups": 2, "epsilon": 1e-5})
case("group_norm", lambda x: to_nhwc(F.instance_norm(to_nchw(x), eps=1e-3)),
     [normal(2, 2, 3, 4)], {"groups": 4, "epsilon": 1e-3})

# Losses.
labels = [1, 255, 4, 0, 2, 2]
weights = [0.5, 1.0, 2.0, 0.25, 1.5]
for reduction in ("mean", "sum", "none"):
    common = {"reduction": reduction}
    case("cross_entropy",
         lambda x: F.cross_entropy(x, torch.tensor([1, 0, 4]), reduction=reduction),
         [2 * normal(3, 5)],
         common | {"labels": [1, 0, 4], "ignore_index": -100, "label_smoothing": 0.0})
    case("cross_entropy",
         lambda x: F.cross_entropy(
             x.movedim(-1, 1), torch.tensor(labels).reshape(2, 3), torch.tensor(weights),
             ignore_index=255, reduction=reduction, label_smoothing=0.1),
         [2 * normal(2, 3, 5)],
         common | {"labels": labels, "ignore_index": 255, "label_smoothing": 0.1,
                   "class_weights": weights})
    case("mse", lambda p, t: F.mse_loss(p, t, reduction=reduction), [normal(2, 3), normal(2, 3)],
         common)
    case("l1", lambda p, t: F.l1_loss(p, t, reduction=reduction), [normal(2, 3), normal(2, 3)],
         common)
    case("smooth_l1", lambda p, t: F.smooth_l1_loss(p, t, reduction=reduction, beta=0.7),
         [normal(2, 3), normal(2, 3)], common | {"beta": 0.7})
    case("bce_with_logits",
         lambda p, t: F.binary_cross_entropy_with_logits(p, t, reduction=reduction),
         [3 * normal(2, 3), torch.rand(2, 3, generator=generator)], common)
for temperature, scaled, reduction in ((1.0, False, "mean"), (4.0, True, "mean"),
                                       (2.0, True, "sum")):
    case("kl_divergence",
         lambda s, t: F.kl_div(
             F.log_softmax(s / temperature, -1), F.log_softmax(t / temperature, -1),
             reduction={"mean": "batchmean", "sum": "sum"}[reduction], log_target=True)
         * (temperature**2 if scaled else 1),
         [2 * normal(3, 5), 2 * normal(3, 5)],
         {"temperature": temperature, "scaled": scaled, "reduction": reduction})


# Convolution. Padding is [top, bottom, left, right].
def convolution(x, w, b=None, *, stride, padding, dilation, groups):
    top, bottom, left, right = padding
    x = F.pad(to_nchw(x), (left, right, top, bottom))
    return to_nhwc(F.conv2d(x, w.permute(3, 2, 0, 1), b, stride, 0, dilation, groups))


def convolution_case(x, w, b, stride=(1, 1), padding=(0, 0, 0, 0), dilation=(1, 1), groups=1):
    attributes = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    inputs = [x, w] + ([b] if b is not None else [])
    case("conv2d", lambda *t: convolution(*t, **attributes), inputs, attributes)


convolution_case(normal(2, 4, 5, 3), normal(3, 3, 3, 4), normal(4), padding=(1, 1, 1, 1))
convolution_case(normal(1, 5, 6, 2), normal(3, 3, 2, 3), None, stride=(2, 2), padding=(0, 1, 0, 1))
convolution_case(normal(1, 6, 5, 2), normal(3, 2, 2, 3), normal(3), stride=(1, 2),
                 padding=(2, 1, 0, 3))
convolution_case(normal(1, 7, 7, 2), normal(3, 3, 2, 2), None, padding=(2, 2, 2, 2),
                 dilation=(2, 2))
convolution_case(normal(2, 4, 4, 4), normal(3, 3, 2, 6), normal(6), padding=(1, 1, 1, 1), groups=2)
convolution_case(normal(2, 4, 4, 3), normal(3, 3, 1, 3), normal(3), padding=(1, 1, 1, 1), groups=3)
convolution_case(normal(1, 5, 5, 2), normal(3, 3, 1, 4), None, stride=(2, 2), padding=(1, 1, 1, 1),
                 groups=2)
convolution_case(normal(2, 3, 3, 4), normal(1, 1, 4, 3), normal(3))


# PyTorch's weight is [input channels, output channels / groups, height, width].
def transposed_convolution_case(x, w, b, stride=(1, 1), padding=(0, 0), output_padding=(0, 0),
                                dilation=(1, 1), groups=1):
    case("conv_transpose2d",
         lambda x, w, *b: to_nhwc(F.conv_transpose2d(
             to_nchw(x), w.permute(3, 2, 0, 1), *(b or [None]), stride, padding, output_padding,
             groups, dilation)),
         [x, w] + ([b] if b is not None else []),
         {"stride": stride, "padding": padding, "output_padding": output_padding,
          "dilation": dilation, "groups": groups})


transposed_convolution_case(normal(2, 3, 4, 3), normal(3, 3, 2, 3), normal(2))
transposed_convolution_case(normal(1, 3, 3, 2), normal(3, 3, 3, 2), None, stride=(2, 2),
                            padding=(1, 1), output_padding=(1, 1))
transposed_convolution_case(normal(1, 3, 2, 4), normal(2, 2, 3, 4), normal(6), stride=(2, 2),
                            groups=2)
transposed_convolution_case(normal(1, 3, 2, 2), normal(2, 3, 1, 2), normal(1), stride=(1, 2),
                            padding=(0, 1), dilation=(2, 1))

# Matrices.
case("linear", lambda x, w, b: x @ w + b, [normal(3, 4), normal(4, 5), normal(5)])
case("linear", lambda x, w: x @ w, [normal(2, 3, 4), normal(4, 5)])
case("matmul", torch.matmul, [normal(3, 4), normal(4, 2)])
case("matmul", torch.matmul, [normal(2, 3, 4), normal(2, 4, 2)])


# Pooling.
def pooled(x, function):
    return to_nhwc(function(to_nchw(x)))


for kernel, stride, padding, ceil in (((2, 2), (2, 2), (0, 0), False),
                                      ((3, 3), (2, 2), (1, 1), False),
                                      ((3, 2), (2, 2), (1, 0), True)):
    attributes = {"kernel": kernel, "stride": stride, "padding": padding, "ceil_mode": ceil}
    case("max_pool2d",
         lambda x: pooled(x, lambda t: F.max_pool2d(t, kernel, stride, padding, 1, ceil)),
         [normal(2, 5, 6, 2)], attributes)
    for include in (True, False):
        case("avg_pool2d",
             lambda x: pooled(
                 x, lambda t: F.avg_pool2d(t, kernel, stride, padding, ceil, include)),
             [normal(2, 5, 6, 2)], attributes | {"count_include_pad": include})
case("global_avg_pool", lambda x: pooled(x, lambda t: F.adaptive_avg_pool2d(t, 1)).flatten(1),
     [normal(2, 3, 4, 5)])
case("global_max_pool", lambda x: pooled(x, lambda t: F.adaptive_max_pool2d(t, 1)).flatten(1),
     [normal(2, 3, 4, 5)])


# Batch normalisation. In training the auxiliary values are the mean and the biased variance of the
# batch, and `updated` are PyTorch's running statistics after the step, which use the unbiased one.
def batch_norm(x, w, b, mean, variance, training=False):
    return to_nhwc(F.batch_norm(
        to_nchw(x), mean, variance, w, b, training, momentum=0.1, eps=1e-5))


x, mean, variance = normal(4, 2, 3, 3), normal(3), normal(3).abs() + 0.5
before = {"running_mean": array(mean), "running_variance": array(variance)}
case("batch_norm", lambda x, w, b: batch_norm(x, w, b, mean, variance, training=True),
     [x, normal(3), normal(3)], {"momentum": 0.1, "epsilon": 1e-5} | before,
     auxiliary=[x.mean((0, 1, 2)), x.var((0, 1, 2), correction=0)])
cases[-1]["attributes"] |= {"updated_mean": array(mean), "updated_variance": array(variance)}
case("batch_norm_frozen", batch_norm,
     [normal(4, 2, 3, 3), normal(3), normal(3), normal(3), normal(3).abs() + 0.5],
     {"epsilon": 1e-5}, frozen=(3, 4))



# A bound whose gradient lets values back up: written out, since PyTorch has none of its own.
class Bound(torch.autograd.Function):
    @staticmethod
    def forward(context, x, bound):
        context.save_for_backward(x)
        context.bound = bound
        return x.clamp(min=bound)

    @staticmethod
    def backward(context, gradient):
        (x,) = context.saved_tensors
        return gradient * ((x >= context.bound) | (gradient < 0)), None


case("lower_bound", lambda x: Bound.apply(x, 0.25), [normal(3, 7)], {"bound": 0.25})


# The bits under a factorized prior: the cumulative by matrix products over all values of a channel.
def factorized_bits(y, *parameters):
    channels = y.shape[-1]
    columns = y.movedim(-1, 0).reshape(channels, 1, -1)

    def logits(x):
        for layer in range(5):
            x = F.softplus(parameters[3 * layer]) @ x + parameters[3 * layer + 1][..., None]
            if layer < 4:
                x = x + parameters[3 * layer + 2].tanh()[..., None] * x.tanh()
        return x

    upper, lower = logits(columns + 0.5), logits(columns - 0.5)
    sign = -(upper + lower).sign().detach()
    probability = ((sign * upper).sigmoid() - (sign * lower).sigmoid()).abs()
    bits = -Bound.apply(probability, 1e-9).log2()
    return bits.reshape(channels, y.shape[0], -1).sum((0, 2))


widths = [1, 3, 3, 3, 3, 1]
parameters = []
for layer in range(5):
    parameters += [0.3 * normal(4, widths[layer + 1], widths[layer]) - 0.7,
                   0.5 * normal(4, widths[layer + 1])]
    if layer < 4:
        parameters.append(normal(4, widths[layer + 1]))
# In double precision: a difference of probabilities has few digits left in single.
case("factorized_bits", lambda *inputs: factorized_bits(*(x.double() for x in inputs)).float(),
     [normal(2, 3, 5, 4)] + parameters)


# The bits under normal distributions, by the differences of their distribution functions.
def gaussian_bits(y, scale, mean):
    distance = (y - mean).abs()
    standard = torch.distributions.Normal(0, 1)
    probability = standard.cdf((0.5 - distance) / scale) - standard.cdf((-0.5 - distance) / scale)
    return -Bound.apply(probability, 1e-9).log2().sum((1, 2, 3))


case("gaussian_bits", lambda *inputs: gaussian_bits(*(x.double() for x in inputs)).float(),
     [2 * normal(2, 3, 4, 5), normal(2, 3, 4, 5).abs() + 0.11, normal(2, 3, 4, 5)])

# Detection.
def focal_loss(x, labels, alpha, gamma):
    rows = [row for row, label in enumerate(labels) if label >= -1]
    target = torch.zeros_like(x)
    for row, label in enumerate(labels):
        if label >= 0:
            target[row, label] = 1
    x, target = x[rows], target[rows]
    entropy = F.binary_cross_entropy_with_logits(x, target, reduction="none")
    right = torch.where(target == 1, x.sigmoid(), 1 - x.sigmoid())
    weight = torch.where(target == 1, alpha, 1 - alpha)
    return (weight * (1 - right) ** gamma * entropy).sum()


for alpha, gamma in ((0.25, 2.0), (0.6, 1.5)):
    labels = [2, -1, -2, 0]
    case("focal_loss", lambda x: focal_loss(x, labels, alpha, gamma), [2 * normal(4, 3)],
         {"labels": labels, "alpha": alpha, "gamma": gamma})


# Regions are [image, level, left, top, right, bottom]; grid_sample has the place of a pixel's edges
# from -1 to 1, and what lies more than a pixel centre outside counts nothing.
def region_align(maps, regions, resolution, sampling):
    results = []
    for image, level, left, top, right, bottom in regions:
        x = to_nchw(maps[int(level)][int(image):int(image) + 1])
        height, width = x.shape[2:]
        steps = (torch.arange(resolution * sampling) + 0.5) / (resolution * sampling)
        rows, columns = top + steps * (bottom - top), left + steps * (right - left)
        inside = (((rows >= -0.5) & (rows <= height + 0.5))[:, None]
                  & ((columns >= -0.5) & (columns <= width + 0.5))[None, :])
        grid = torch.stack(torch.broadcast_tensors(2 * columns[None, :] / width - 1,
                                                   2 * rows[:, None] / height - 1), -1)
        values = F.grid_sample(x, grid[None], padding_mode="border", align_corners=False)
        results.append(to_nhwc(F.avg_pool2d(values * inside, sampling))[0])
    return torch.stack(results)


for resolution, sampling in ((3, 2), (2, 1)):
    regions = [[0, 0, 0.7, 1.1, 3.9, 2.6], [1, 0, 3.2, -3.3, 8.1, 1.7], [1, 1, -1, -1, 4, 3],
               [0, 1, 0.5, 0.25, 2.5, 1.75]]
    case("region_align", lambda *maps: region_align(maps, regions, resolution, sampling),
         [normal(2, 4, 5, 3), normal(2, 2, 3, 3)],
         {"regions": [x for region in regions for x in region], "resolution": resolution,
          "sampling": sampling})



# Sparse matrices: the entries lie by output, and by input within one; for convolutions by output
# channel, place in the window and input channel.
def dense(entries, rows, inputs):
    matrix = torch.zeros(inputs, len(rows), dtype=entries.dtype)
    places = [(i, o) for o, row in enumerate(rows) for i in row]
    index = tuple(torch.tensor(axis) for axis in zip(*places))
    return matrix.index_put(index, entries)


rows = [[1, 4], [0, 2, 3], [2]]
flat = {"inputs": [i for row in rows for i in row], "degrees": [len(row) for row in rows]}
case("sparse_linear", lambda x, w, b: x @ dense(w, rows, 5) + b,
     [normal(20, 5), normal(6), normal(3)], flat | {"count": 5})
windows = [[place * 5 + i for place in range(9) for i in row] for row in rows]
case("sparse_conv2d",
     lambda x, w, b: to_nhwc(F.conv2d(
         to_nchw(x), dense(w, windows, 45).reshape(3, 3, 5, 3).permute(3, 2, 0, 1), b, 2, 1)),
     [normal(2, 6, 5, 5), normal(54), normal(3)], flat | {"count": 5})

for sharpness in (1.0, 4.0):
    case("soft_assignment",
         lambda x, c: torch.softmax(-sharpness * (x.unsqueeze(-1) - c).abs(), -1),
         [normal(3, 4), normal(8)], {"sharpness": sharpness})

header = {"reference": f"PyTorch {torch.__version__}", "script": "make_reference.py"}
lines = ",\n".join(json.dumps(item, separators=(",", ":")) for item in cases)
text = json.dumps(header)[:-1] + ',"cases":[\n' + lines + "\n]}\n"
pathlib.Path(__file__).with_name("reference.json").write_text(text)
print(f"{len(cases)} cases, {len(text)} bytes")
