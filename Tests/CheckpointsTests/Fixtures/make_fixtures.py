"""Writes the Keras fixtures: run `python3 make_fixtures.py` here (numpy 2.4, h5py 3.16).

Keras itself is not needed: the files are laid out as Keras 2.4, 2.0.2 and 3.x lay them out, and
the expected outputs are computed by the few lines of numpy below, in double precision, from the
definitions in Keras's documentation. Every file comes with `<name>.expected.h5`: `input` and
`output0`, `output1`, ….
"""

import json

import h5py
import numpy as np

random = np.random.default_rng(20240229)


def values(*shape, low=-1.0, high=1.0):
    return random.uniform(low, high, shape).astype(np.float32)


# Reference computations. Images are [batch, height, width, channels].


def same(extent, window, stride):
    total = max((-(-extent // stride) - 1) * stride + window - extent, 0)
    return total // 2, total - total // 2


def windows(x, kh, kw, sh, sw, padding, fill):
    if padding == "same":
        x = np.pad(
            x,
            ((0, 0), same(x.shape[1], kh, sh), same(x.shape[2], kw, sw), (0, 0)),
            constant_values=fill,
        )
    w = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(1, 2))
    return w[:, ::sh, ::sw]  # [batch, rows, columns, channels, kh, kw]


def conv(x, kernel, bias=0, stride=(1, 1), padding="valid"):
    w = windows(x, *kernel.shape[:2], *stride, padding, 0)
    return np.einsum("bhwcij,ijco->bhwo", w, kernel.astype(np.float64)) + bias


def depthwise(x, kernel, bias=0, stride=(1, 1), padding="valid"):
    w = windows(x, *kernel.shape[:2], *stride, padding, 0)
    y = np.einsum("bhwcij,ijcm->bhwcm", w, kernel.astype(np.float64))
    return y.reshape(*y.shape[:3], -1) + bias


def transposed(x, kernel, bias, stride, padding):
    """The gradient of a convolution: every input adds a window to the output."""
    b, h, w, _ = x.shape
    kh, kw, out, _ = kernel.shape
    full = np.zeros((b, (h - 1) * stride + max(kh, stride), (w - 1) * stride + max(kw, stride), out))
    for i in range(h):
        for j in range(w):
            full[:, i * stride : i * stride + kh, j * stride : j * stride + kw] += np.einsum(
                "bc,ijoc->bijo", x[:, i, j], kernel.astype(np.float64)
            )
    if padding == "same":
        top, left = max(kh - stride, 0) // 2, max(kw - stride, 0) // 2
        full = full[:, top : top + h * stride, left : left + w * stride]
    return full + bias


def average_pool(x, size, stride, padding):
    w = windows(x, size, size, stride, stride, padding, np.nan)
    return np.nanmean(w, axis=(-1, -2))


def max_pool(x, size, stride, padding):
    return windows(x, size, size, stride, stride, padding, -np.inf).max(axis=(-1, -2))


def batch_norm(x, gamma, beta, mean, variance, epsilon):
    return (x - mean) / np.sqrt(variance.astype(np.float64) + epsilon) * gamma + beta


def relu(x):
    return np.maximum(x, 0)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# Files.


def expected(name, x, *outputs):
    with h5py.File(name + ".expected.h5", "w") as file:
        file["input"] = x
        for index, output in enumerate(outputs):
            file[f"output{index}"] = output.astype(np.float32)


def listed_weights(group, version, layers, packed=()):
    """`layers` is a list of (layer, [(weight, array)]); `packed` names chunked and gzipped ones."""
    group.attrs["backend"] = "tensorflow".encode()
    group.attrs["keras_version"] = version.encode()
    group.attrs["layer_names"] = [layer.encode() for layer, _ in layers]
    for layer, weights in layers:
        inner = group.create_group(layer)
        inner.attrs["weight_names"] = [name.encode() for name, _ in weights]
        for name, array in weights:
            if layer in packed and array.ndim > 1:
                chunk = tuple(max(1, extent - 1) for extent in array.shape)
                inner.create_dataset(name, data=array, chunks=chunk, compression="gzip", shuffle=True)
            else:
                inner.create_dataset(name, data=array)


def numbered_weights(file, path, layers):
    for numbered, name, arrays in layers:
        group = file.create_group(f"{path}/{numbered}/vars")
        if name:
            group.attrs["name"] = name
        for index, array in enumerate(arrays):
            group[str(index)] = array


def functional():
    """A full model of Keras 2.4 with two outputs."""

    def layer(kind, name, inputs, **config):
        nodes = [[[source, 0, 0, {}] for source in inputs]] if inputs else []
        config = {"name": name, "trainable": True, "dtype": "float32"} | config
        return {"class_name": kind, "config": config, "name": name, "inbound_nodes": nodes}

    image = {"data_format": "channels_last"}
    k1, b1 = values(3, 3, 3, 6), values(6)
    beta, mean, variance = values(6), values(6), values(6, low=0.5, high=2)
    k2, b2 = values(3, 3, 6, 2), values(12)
    dk, pk, sb = values(3, 2, 6, 1), values(1, 1, 6, 4), values(4)
    k3, b3 = values(16, 5), values(5)
    k4 = values(16, 1)
    config = {
        "name": "two_heads",
        "layers": [
            layer("InputLayer", "image", [], batch_input_shape=[None, 9, 8, 3]),
            layer("Conv2D", "conv", ["image"], filters=6, kernel_size=[3, 3], strides=[2, 2],
                  padding="same", dilation_rate=[1, 1], groups=1, activation="relu", use_bias=True,
                  **image),
            layer("BatchNormalization", "norm", ["conv"], axis=[3], momentum=0.9, epsilon=0.01,
                  center=True, scale=False),
            layer("DepthwiseConv2D", "deep", ["norm"], kernel_size=[3, 3], strides=[1, 1],
                  padding="same", depth_multiplier=2, activation="hard_sigmoid", use_bias=True,
                  **image),
            layer("SeparableConv2D", "separable", ["norm"], filters=4, kernel_size=[3, 2],
                  strides=[1, 1], padding="same", depth_multiplier=1, activation="linear",
                  use_bias=True, **image),
            layer("Concatenate", "join", ["deep", "separable"], axis=-1),
            layer("ReLU", "clip", ["join"], max_value=6.0, negative_slope=0.0, threshold=0.0),
            layer("AveragePooling2D", "pool", ["clip"], pool_size=[2, 2], strides=[2, 2],
                  padding="same", **image),
            layer("GlobalAveragePooling2D", "mean", ["pool"], keepdims=True, **image),
            layer("Dropout", "drop", ["mean"], rate=0.25, noise_shape=None, seed=None),
            layer("Reshape", "features", ["drop"], target_shape=[-1]),
            layer("Dense", "label", ["features"], units=5, activation="softmax", use_bias=True),
            layer("Dense", "size", ["features"], units=1, activation="sigmoid", use_bias=False),
        ],
        "input_layers": [["image", 0, 0]],
        "output_layers": [["label", 0, 0], ["size", 0, 0]],
    }
    with h5py.File("keras2-functional.h5", "w") as file:
        file.attrs["backend"] = "tensorflow"
        file.attrs["keras_version"] = "2.4.0"
        file.attrs["model_config"] = json.dumps({"class_name": "Functional", "config": config}).encode()
        weights = [
            ("image", []),
            ("conv", [("conv/kernel:0", k1), ("conv/bias:0", b1)]),
            ("norm", [("norm/beta:0", beta), ("norm/moving_mean:0", mean),
                      ("norm/moving_variance:0", variance)]),
            ("deep", [("deep/depthwise_kernel:0", k2), ("deep/bias:0", b2)]),
            ("separable", [("separable/depthwise_kernel:0", dk),
                           ("separable/pointwise_kernel:0", pk), ("separable/bias:0", sb)]),
            ("join", []), ("clip", []), ("pool", []), ("mean", []), ("drop", []), ("features", []),
            ("label", [("label/kernel:0", k3), ("label/bias:0", b3)]),
            ("size", [("size/kernel:0", k4)]),
        ]
        listed_weights(file.create_group("model_weights"), "2.4.0", weights,
                       packed={"conv", "separable", "label"})
    x = values(2, 9, 8, 3)
    y = relu(conv(x, k1, b1, (2, 2), "same"))
    y = batch_norm(y, 1, beta, mean, variance, 0.01)
    a = np.clip(depthwise(y, k2, b2, (1, 1), "same") * 0.2 + 0.5, 0, 1)
    b = conv(depthwise(y, dk, 0, (1, 1), "same"), pk, sb)
    y = np.clip(np.concatenate([a, b], axis=-1), 0, 6)
    y = average_pool(y, 2, 2, "same").mean(axis=(1, 2))
    expected("keras2-functional", x, softmax(y @ k3 + b3), sigmoid(y @ k4))


def sequential():
    """Weights of Keras 2.0.2 and the JSON of their model, whose layers stand in a bare list."""
    alpha = values(1, 1, 4)
    k1, b1 = values(3, 3, 2, 4), values(4)
    k2, b2 = values(3, 2, 3, 4), values(3)
    k3, b3 = values(105, 3), values(3)
    image = {"data_format": "channels_last"}
    layers = [
        ("ZeroPadding2D", {"name": "pad", "padding": [[1, 0], [0, 2]], "batch_input_shape":
                           [None, 5, 4, 2], **image}),
        ("Conv2D", {"name": "conv2d_1", "filters": 4, "kernel_size": [3, 3], "strides": [1, 1],
                    "padding": "valid", "activation": "linear", "use_bias": True, **image}),
        ("PReLU", {"name": "p_re_lu_1", "shared_axes": [1, 2]}),
        ("Conv2DTranspose", {"name": "conv2d_transpose_1", "filters": 3, "kernel_size": [3, 2],
                             "strides": [2, 2], "padding": "same", "activation": "elu",
                             "use_bias": True, **image}),
        ("Cropping2D", {"name": "cropping2d_1", "cropping": [[1, 0], [2, 1]], **image}),
        ("MaxPooling2D", {"name": "max_pooling2d_1", "pool_size": [2, 2], "strides": [1, 1],
                          "padding": "same", **image}),
        ("Permute", {"name": "permute_1", "dims": [3, 2, 1]}),
        ("LeakyReLU", {"name": "leaky_re_lu_1", "alpha": 0.3}),
        ("Flatten", {"name": "flatten_1"}),
        ("Dense", {"name": "dense_1", "units": 3, "activation": "tanh", "use_bias": True}),
    ]
    with open("keras2-sequential.json", "w") as file:
        json.dump(
            {"class_name": "Sequential", "keras_version": "2.0.2", "backend": "tensorflow",
             "config": [{"class_name": kind, "config": config} for kind, config in layers]},
            file, indent=1)
    named = {
        "conv2d_1": [("conv2d_1/kernel:0", k1), ("conv2d_1/bias:0", b1)],
        "p_re_lu_1": [("p_re_lu_1/alpha:0", alpha)],
        "conv2d_transpose_1": [("conv2d_transpose_1/kernel:0", k2),
                               ("conv2d_transpose_1/bias:0", b2)],
        "dense_1": [("dense_1/kernel:0", k3), ("dense_1/bias:0", b3)],
    }
    with h5py.File("keras2-sequential.h5", "w") as file:
        listed_weights(file, "2.0.2", [(c["name"], named.get(c["name"], [])) for _, c in layers])
    x = values(2, 5, 4, 2)
    y = np.pad(x, ((0, 0), (1, 0), (0, 2), (0, 0)))
    y = conv(y, k1, b1)  # 4 x 4 x 4
    y = relu(y) - alpha[None] * relu(-y)
    y = transposed(y, k2, b2, 2, "same")  # 8 x 8 x 3
    y = np.where(y > 0, y, np.expm1(y))
    y = y[:, 1:, 2:-1]  # 7 x 5 x 3
    y = max_pool(y, 2, 1, "same")
    y = y.transpose(0, 3, 2, 1)
    y = np.where(y > 0, y, 0.3 * y).reshape(2, -1)
    expected("keras2-sequential", x, np.tanh(y @ k3 + b3))


def keras3():
    """Weights of Keras 3 beside `config.json`'s content, with a model inside the model."""

    def tensor(name):
        return {"class_name": "__keras_tensor__",
                "config": {"shape": [None], "dtype": "float32", "keras_history": [name, 0, 0]}}

    def layer(kind, name, inputs, listed=False, module="keras.layers", **config):
        arguments = [tensor(source) for source in inputs]
        nodes = [{"args": [arguments] if listed else arguments, "kwargs": {}}] if inputs else []
        policy = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"},
                  "registered_name": None}
        config = {"name": name, "trainable": True, "dtype": policy} | config
        return {"module": module, "class_name": kind, "config": config,
                "registered_name": None, "name": name, "inbound_nodes": nodes}

    k1, b1 = values(3, 3, 2, 4), values(4)
    gamma, beta, mean, variance = values(4), values(4), values(4), values(4, low=0.5, high=2)
    k2, b2 = values(1, 1, 4, 4), values(4)
    k3, b3 = values(4, 3), values(3)
    inner = {
        "name": "block", "trainable": True,
        "layers": [
            layer("InputLayer", "entry", [], batch_shape=[None, 6, 5, 4]),
            layer("Conv2D", "mix", ["entry"], filters=4, kernel_size=[1, 1], strides=[1, 1],
                  padding="valid", activation="linear", use_bias=True),
            layer("Activation", "gate", ["mix"], activation="hard_sigmoid"),
            layer("Multiply", "scale", ["gate", "entry"], listed=True),
        ],
        "input_layers": [["entry", 0, 0]],
        "output_layers": [["scale", 0, 0]],
    }
    config = {
        "name": "gated", "trainable": True,
        "layers": [
            layer("InputLayer", "image", [], batch_shape=[None, 6, 5, 2]),
            layer("Rescaling", "rescaling", ["image"], scale=0.5, offset=-1),
            layer("Conv2D", "stem", ["rescaling"], filters=4, kernel_size=[3, 3], strides=[1, 1],
                  padding="same", groups=1, activation="silu", use_bias=True),
            layer("BatchNormalization", "bn", ["stem"], axis=-1, momentum=0.99, epsilon=0.001,
                  center=True, scale=True),
            layer("Functional", "block", ["bn"], module="keras.src.models.functional",
                  **{k: inner[k] for k in ("layers", "input_layers", "output_layers")}),
            layer("Add", "residual", ["block", "bn"], listed=True),
            layer("GlobalMaxPooling2D", "peak", ["residual"], keepdims=False),
            layer("Dense", "logits", ["peak"], units=3, activation="linear", use_bias=True),
        ],
        "input_layers": [["image", 0, 0]],
        "output_layers": ["logits", 0, 0],
    }
    with open("keras3.json", "w") as file:
        json.dump({"module": "keras.src.models.functional", "class_name": "Functional",
                   "config": config, "registered_name": "Functional"}, file, indent=1)
    with h5py.File("keras3.weights.h5", "w") as file:
        file.create_group("vars").attrs["name"] = "gated"
        # Versions before 3.5 noted no names; the nested model is written as they did.
        numbered_weights(file, "layers", [
            ("input_layer", "image", []), ("rescaling", "rescaling", []),
            ("conv2d", "stem", [k1, b1]),
            ("batch_normalization", "bn", [gamma, beta, mean, variance]),
            ("functional", "block", []), ("add", "residual", []),
            ("global_max_pooling2d", "peak", []), ("dense", "logits", [k3, b3])])
        numbered_weights(file, "layers/functional/layers", [
            ("input_layer", None, []), ("conv2d", None, [k2, b2]), ("activation", None, []),
            ("multiply", None, [])])
        numbered_weights(file, "", [("optimizer", "adam", [values(1)])])
    x = values(2, 6, 5, 2)
    y = conv(x * 0.5 - 1, k1, b1, padding="same")
    y = y * sigmoid(y)
    y = batch_norm(y, gamma, beta, mean, variance, 0.001)
    y = y + y * np.clip(conv(y, k2, b2) + 3, 0, 6) / 6
    expected("keras3", x, y.max(axis=(1, 2)) @ k3 + b3)


if __name__ == "__main__":
    functional()
    sequential()
    keras3()
