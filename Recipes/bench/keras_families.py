#!/usr/bin/env python3
"""Networks of Keras as files of Keras: which of them load, and whether every prediction is Keras's.

    swift build -c release
    pip install tensorflow-cpu==2.21.0 keras==3.15.1 tf_keras==2.21.0
    python3 Recipes/bench/keras_families.py

One network of each family of `keras.applications` and the models of Keras's and TensorFlow's
tutorials are built with random weights and random batch statistics, and saved as `.h5` by Keras 2
(tf_keras) and as `.h5` and `.keras` by Keras 3. The last layer is scaled so that the logits of the
images have mean 0 and deviation 1 for each class, which spreads predictions over the classes.
`cleave evaluate` then measures the file on images whose labels are Keras's argmax, so that 100 % is
agreement on every image; the number of parameters is compared with `count_params()`.

Models at the end of the list cannot be expressed; their row shows how they are refused.
"""

import argparse
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np

CLASSES = 10

# family, side of its images, arguments
FAMILIES = [
    ("VGG16", 32, {}),
    ("VGG19", 32, {}),
    ("ResNet50", 64, {}),
    ("ResNet101", 32, {}),
    ("ResNet152V2", 32, {}),
    ("ResNet50V2", 64, {}),
    ("InceptionV3", 96, {}),
    ("InceptionResNetV2", 96, {}),
    ("Xception", 96, {}),
    ("MobileNet", 64, {"alpha": 0.5}),
    ("MobileNetV2", 64, {}),
    ("MobileNetV3Small", 64, {}),
    ("MobileNetV3Large", 64, {}),
    ("DenseNet121", 64, {}),
    ("NASNetMobile", 64, {}),
    ("EfficientNetB0", 64, {}),
    ("EfficientNetV2B0", 64, {}),
    ("ConvNeXtTiny", 64, {}),
    ("RegNetX002", 64, {}),
    ("RegNetY002", 64, {}),
    ("ResNetRS50", 64, {}),
]


def family(name, side, arguments):
    """A network of keras.applications; None where a version of Keras does not have it."""

    def build(keras):
        make = getattr(keras.applications, name, None)
        if make is None:
            return None
        return make(weights=None, classes=CLASSES, input_shape=(side, side, 3), **arguments)

    return build


# Tutorials. Each takes the module `keras` and returns a model that takes pixels from 0 to 255.


def mnist_convnet(keras):
    """keras.io/examples/vision/mnist_convnet"""
    layers = keras.layers
    return keras.Sequential([
        keras.Input(shape=(28, 28, 1)),
        layers.Rescaling(1.0 / 255),
        layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(CLASSES, activation="softmax"),
    ])


def from_scratch(keras):
    """keras.io/examples/vision/image_classification_from_scratch"""
    layers = keras.layers
    inputs = keras.Input(shape=(64, 64, 3))
    x = layers.Rescaling(1.0 / 255)(inputs)
    x = layers.Conv2D(128, 3, strides=2, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = layers.Activation("relu")(x)
    previous = x
    for size in [256, 512, 728]:
        for _ in range(2):
            x = layers.Activation("relu")(x)
            x = layers.SeparableConv2D(size, 3, padding="same")(x)
            x = layers.BatchNormalization()(x)
        x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
        residual = layers.Conv2D(size, 1, strides=2, padding="same")(previous)
        x = layers.add([x, residual])
        previous = x
    x = layers.SeparableConv2D(1024, 3, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = layers.Activation("relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.25)(x)
    return keras.Model(inputs, layers.Dense(CLASSES, activation=None)(x))


def transfer_learning(keras):
    """keras.io/guides/transfer_learning: augmentation, rescaling, a frozen base as one layer"""
    layers = keras.layers
    base = keras.applications.Xception(weights=None, input_shape=(96, 96, 3), include_top=False)
    base.trainable = False
    inputs = keras.Input(shape=(96, 96, 3))
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.RandomRotation(0.1)(x)
    x = layers.Rescaling(scale=1 / 127.5, offset=-1)(x)
    x = base(x, training=False)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    return keras.Model(inputs, layers.Dense(CLASSES)(x))


def transfer_learning_preprocessing(keras):
    """tensorflow.org/tutorials/images/transfer_learning: preprocess_input as arithmetic"""
    layers = keras.layers
    augmentation = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.2)])
    base = keras.applications.MobileNetV2(
        weights=None, input_shape=(96, 96, 3), include_top=False)
    base.trainable = False
    inputs = keras.Input(shape=(96, 96, 3))
    x = augmentation(inputs)
    x = keras.applications.mobilenet_v2.preprocess_input(x)
    x = base(x, training=False)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    return keras.Model(inputs, layers.Dense(CLASSES)(x))


def efficientnet_tuning(keras):
    """keras.io/examples/vision/image_classification_efficientnet_fine_tuning"""
    layers = keras.layers
    inputs = keras.Input(shape=(64, 64, 3))
    base = keras.applications.EfficientNetB0(include_top=False, input_tensor=inputs, weights=None)
    base.trainable = False
    x = layers.GlobalAveragePooling2D(name="avg_pool")(base.output)
    x = layers.BatchNormalization()(x)
    x = layers.Dropout(0.2, name="top_dropout")(x)
    return keras.Model(inputs, layers.Dense(CLASSES, activation="softmax", name="pred")(x))


def flowers(keras):
    """tensorflow.org/tutorials/images/classification: augmentation inside a sequential model"""
    layers = keras.layers
    augmentation = keras.Sequential([
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(0.1),
        layers.RandomZoom(0.1),
    ])
    return keras.Sequential([
        keras.Input(shape=(60, 60, 3)),
        augmentation,
        layers.Rescaling(1.0 / 255),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Dropout(0.2),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dense(CLASSES, name="outputs"),
    ])


def cifar_cnn(keras):
    """tensorflow.org/tutorials/images/cnn"""
    layers = keras.layers
    return keras.Sequential([
        keras.Input(shape=(32, 32, 3)),
        layers.Rescaling(1.0 / 255),
        layers.Conv2D(32, (3, 3), activation="relu"),
        layers.MaxPooling2D((2, 2)),
        layers.Conv2D(64, (3, 3), activation="relu"),
        layers.MaxPooling2D((2, 2)),
        layers.Conv2D(64, (3, 3), activation="relu"),
        layers.Flatten(),
        layers.Dense(64, activation="relu"),
        layers.Dense(CLASSES),
    ])


def clothing(keras):
    """tensorflow.org/tutorials/keras/classification, with its softmax as a layer"""
    layers = keras.layers
    return keras.Sequential([
        keras.Input(shape=(28, 28, 1)),
        layers.Rescaling(1.0 / 255),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dense(CLASSES),
        layers.Softmax(),
    ])


def toy_resnet(keras):
    """keras.io/guides/functional_api, the toy ResNet"""
    layers = keras.layers
    inputs = keras.Input(shape=(32, 32, 3), name="img")
    x = inputs / 255.0
    x = layers.Conv2D(32, 3, activation="relu")(x)
    x = layers.Conv2D(64, 3, activation="relu")(x)
    block = layers.MaxPooling2D(3)(x)
    for _ in range(2):
        x = layers.Conv2D(64, 3, activation="relu", padding="same")(block)
        x = layers.Conv2D(64, 3, activation="relu", padding="same")(x)
        block = layers.add([x, block])
    x = layers.Conv2D(64, 3, activation="relu")(block)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(256, activation="relu")(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(CLASSES)(x), name="toy_resnet")


def convmixer(keras):
    """keras.io/examples/vision/convmixer"""
    layers = keras.layers

    def block(x):
        return layers.BatchNormalization()(layers.Activation("gelu")(x))

    inputs = keras.Input((32, 32, 3))
    x = layers.Rescaling(scale=1.0 / 255)(inputs)
    x = block(layers.Conv2D(64, kernel_size=2, strides=2)(x))
    for _ in range(4):
        before = x
        x = block(layers.DepthwiseConv2D(kernel_size=5, padding="same")(x))
        x = layers.Add()([x, before])
        x = block(layers.Conv2D(64, kernel_size=1)(x))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(CLASSES, activation="softmax")(x))


def cats_and_dogs(keras):
    """Deep Learning with Python, 8.3: VGG16's preprocessing, colours in its order, as arithmetic"""
    layers = keras.layers
    base = keras.applications.VGG16(weights=None, include_top=False, input_shape=(64, 64, 3))
    augmentation = keras.Sequential([
        layers.RandomFlip("horizontal"), layers.RandomRotation(0.1), layers.RandomZoom(0.2)])
    inputs = keras.Input(shape=(64, 64, 3))
    x = augmentation(inputs)
    x = keras.applications.vgg16.preprocess_input(x)
    x = base(x)
    x = layers.Flatten()(x)
    x = layers.Dense(256)(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(CLASSES, activation="softmax")(x))


def torch_preprocessing(keras):
    """DenseNet behind its preprocessing, with a mean and a deviation for each colour"""
    base = keras.applications.DenseNet121(
        weights=None, classes=CLASSES, input_shape=(64, 64, 3))
    inputs = keras.Input(shape=(64, 64, 3))
    return keras.Model(
        inputs, base(keras.applications.densenet.preprocess_input(inputs)))


def distilled_student(keras):
    """keras.io/examples/vision/knowledge_distillation, the student"""
    layers = keras.layers
    return keras.Sequential([
        keras.Input(shape=(28, 28, 1)),
        layers.Rescaling(1.0 / 255),
        layers.Conv2D(16, (3, 3), strides=(2, 2), padding="same"),
        layers.LeakyReLU(),
        layers.MaxPooling2D(pool_size=(2, 2), strides=(1, 1), padding="same"),
        layers.Conv2D(32, (3, 3), strides=(2, 2), padding="same"),
        layers.Flatten(),
        layers.Dense(CLASSES),
    ])


def adapted_normalization(keras):
    """keras.io/guides/preprocessing_layers: statistics of the images, taken by adapt()"""
    layers = keras.layers
    normalization = layers.Normalization()
    normalization.adapt(images((32, 32, 3), 16).astype("float32"))
    inputs = keras.Input(shape=(32, 32, 3))
    x = normalization(inputs)
    x = layers.CenterCrop(24, 24)(x)
    x = layers.GaussianNoise(0.1)(x)
    x = layers.Conv2D(16, 3, use_bias=False)(x)
    x = layers.BatchNormalization(scale=False)(x)
    x = layers.ReLU()(x)
    x = layers.SpatialDropout2D(0.1)(x)
    x = layers.GlobalMaxPooling2D()(x)
    return keras.Model(inputs, layers.Dense(CLASSES)(x))


def any_size(keras):
    """A fully convolutional network whose image size is open; the data set's is taken"""
    layers = keras.layers
    inputs = keras.Input(shape=(None, None, 3))
    x = layers.Rescaling(1.0 / 127.5, offset=-1)(inputs)
    for width in [16, 32]:
        x = layers.Conv2D(width, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(CLASSES, activation="softmax")(x))


# Models that are refused.


def vision_transformer(keras):
    """keras.io/examples/vision/image_classification_with_vision_transformer"""
    layers = keras.layers
    inputs = keras.Input(shape=(32, 32, 3))
    x = layers.Conv2D(16, 8, strides=8)(inputs)
    x = layers.Reshape((16, 16))(x)
    x = layers.MultiHeadAttention(num_heads=2, key_dim=8)(x, x)
    return keras.Model(inputs, layers.Dense(CLASSES)(layers.Flatten()(x)))


def shared_layer(keras):
    """keras.io/guides/functional_api: a layer that is used twice"""
    layers = keras.layers
    inputs = keras.Input(shape=(32, 32, 3))
    shared = layers.Conv2D(3, 3, padding="same", activation="relu")
    x = layers.Flatten()(shared(shared(inputs)))
    return keras.Model(inputs, layers.Dense(CLASSES)(x))


def monte_carlo_dropout(keras):
    """Dropout that stays on in inference"""
    layers = keras.layers
    inputs = keras.Input(shape=(32, 32, 3))
    x = layers.Dropout(0.5)(layers.Flatten()(inputs), training=True)
    return keras.Model(inputs, layers.Dense(CLASSES)(x))


def anonymous_function(keras):
    """A Lambda layer, whose code is in the file"""
    layers = keras.layers
    inputs = keras.Input(shape=(32, 32, 3))
    x = layers.Flatten()(layers.Lambda(lambda x: x / 255)(inputs))
    return keras.Model(inputs, layers.Dense(CLASSES)(x))


TUTORIALS = [
    mnist_convnet, from_scratch, transfer_learning, transfer_learning_preprocessing,
    efficientnet_tuning, flowers, cifar_cnn, clothing, toy_resnet, convmixer, cats_and_dogs,
    torch_preprocessing, distilled_student, adapted_normalization, any_size,
]
REFUSED = [vision_transformer, shared_layer, monte_carlo_dropout, anonymous_function]


def images(shape, count, seed=0):
    """Images of large and small patches in many colours and contrasts, `[count] + shape`."""
    random = np.random.default_rng(seed)
    height, width, channels = shape
    result = np.zeros((count, height, width, channels))
    for side in [2, 4, 8, 16]:
        patches = random.normal(size=(count, side, side, channels))
        rows = np.arange(height) * side // height
        columns = np.arange(width) * side // width
        result += patches[:, rows][:, :, columns]
    contrast = random.uniform(10, 60, (count, 1, 1, 1))
    brightness = random.uniform(60, 200, (count, 1, 1, channels))
    return np.clip(result * contrast + brightness, 0, 255).astype(np.uint8)


def flat_layers(model):
    """The layers of a model and of the models in it."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from flat_layers(layer)
        else:
            yield layer


def randomize(model, x, seed):
    """Moves statistics and biases from where they begin, and spreads the predictions of `x`."""
    random = np.random.default_rng(seed)
    for layer in flat_layers(model):
        name = type(layer).__name__
        if name == "BatchNormalization":
            for weight in layer.weights:
                kind = (getattr(weight, "path", None) or weight.name).split("/")[-1].split(":")[0]
                low, high = (0.7, 1.4) if kind in ("gamma", "moving_variance") else (-0.2, 0.2)
                weight.assign(random.uniform(low, high, weight.shape))
        elif getattr(layer, "bias", None) is not None:
            layer.bias.assign(random.uniform(-0.1, 0.1, layer.bias.shape))
    adopt_statistics(model, x, random)
    head = [layer for layer in flat_layers(model) if getattr(layer, "bias", None) is not None][-1]
    outputs = model.predict(x, verbose=0).astype(np.float64)
    logits = outputs
    if np.allclose(outputs.sum(-1), 1, atol=1e-3) and outputs.min() >= 0:
        logits = np.log(np.maximum(outputs, 1e-30))
        logits -= logits.mean(-1, keepdims=True)
    deviation = max(logits.std(0).mean(), 1e-20)
    head.kernel.assign(np.asarray(head.kernel) / deviation)
    head.bias.assign((np.asarray(head.bias) - logits.mean(0)) / deviation)


def adopt_statistics(model, x, random):
    """Gives batch norms statistics near those of what arrives.

    Random networks of 100 layers would else end in zeros or infinity, or give all images the same
    answer but for rounding, on which no two programs agree.
    """
    norms = [layer for layer in flat_layers(model) if type(layer).__name__ == "BatchNormalization"]
    settings = [(layer.momentum, layer.trainable) for layer in norms]
    for layer in norms:
        layer.momentum, layer.trainable = 0.0, True
    for layer in model.layers:
        # A base that never trains takes none from the model around it.
        if any(norm in norms for norm in getattr(layer, "layers", [])):
            layer(x.astype("float32") / 127.5 - 1, training=True)
    model(x.astype("float32"), training=True)
    for layer, (momentum, trainable) in zip(norms, settings):
        layer.momentum, layer.trainable = momentum, trainable
        mean, variance = np.asarray(layer.moving_mean), np.asarray(layer.moving_variance)
        layer.moving_mean.assign(
            mean + np.sqrt(variance) * random.uniform(-0.1, 0.1, mean.shape))
        layer.moving_variance.assign(variance * random.uniform(0.8, 1.25, mean.shape) + 1e-6)


def write_idx(path, array):
    with open(path, "wb") as file:
        file.write(bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape))
        file.write(array.tobytes())


def check(cleave, folder, file, x, predictions, parameters):
    """What `cleave` makes of a file: `agrees`, how it differs, or why it is refused."""
    labels = predictions.argmax(-1).astype(np.uint8)
    for part in ["train", "t10k"]:
        write_idx(f"{folder}/{part}-images-idx3-ubyte", x)
        write_idx(f"{folder}/{part}-labels-idx1-ubyte", labels)
    run = subprocess.run(
        [cleave, "evaluate", file, "--dataset", "idx", "--data-path", folder, "--json"],
        capture_output=True, text=True)
    if run.returncode != 0:
        reason = run.stderr.strip().splitlines()[-1].removeprefix("error: ")
        return "refused: " + reason.removeprefix(f"{file}: ").removeprefix(f"{file}:")
    report = json.loads(run.stdout)
    accuracy = report["accuracy"]["all"] if isinstance(report.get("accuracy"), dict) else None
    if accuracy is None:
        accuracy = find(report, "accuracy")
    counted = find(report, "parameters")
    if accuracy != 1:
        return f"differs: {100 * accuracy:.2f} % agree"
    if counted != parameters:
        return f"differs: {counted} parameters, Keras counts {parameters}"
    return f"agrees ({len(set(labels))} classes)"


def find(value, key):
    """The first member of that name anywhere in a report."""
    if isinstance(value, dict):
        if isinstance(value.get(key), (int, float)):
            return value[key]
        value = list(value.values())
    if isinstance(value, list):
        for element in value:
            found = find(element, key)
            if found is not None:
                return found
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cleave", default=".build/release/cleave")
    parser.add_argument("--images", type=int, default=64)
    parser.add_argument("--only", default="", help="a regular expression of names")
    parser.add_argument("--keep", help="a folder for the files, which are else removed")
    arguments = parser.parse_args()

    import keras
    import tensorflow
    import tf_keras

    print(
        f"Keras {keras.__version__}, tf_keras {tf_keras.__version__}, TensorFlow "
        f"{tensorflow.__version__}, NumPy {np.__version__}, {arguments.images} images\n")
    models = [("family", name, family(name, *rest)) for name, *rest in FAMILIES]
    models += [("tutorial", make.__name__, make) for make in TUTORIALS]
    models += [("refused", make.__name__, make) for make in REFUSED]
    counts = {}
    for kind, name, build in models:
        if not re.search(arguments.only, name):
            continue
        results = []
        for module, endings in [(tf_keras, ["h5"]), (keras, ["h5", "keras"])]:
            module.utils.set_random_seed(1)
            model = build(module)
            if model is None:
                results += ["absent"] * len(endings)
                continue
            shape = [side or 40 for side in model.input_shape[1:]]
            x = images(shape, arguments.images)
            if kind != "refused":
                randomize(model, x, seed=2)
            predictions = model.predict(x, verbose=0)
            for ending in endings:
                with tempfile.TemporaryDirectory() as folder:
                    version = 2 if module is tf_keras else 3
                    file = f"{arguments.keep or folder}/{name}-keras{version}.{ending}"
                    model.save(file)
                    results.append(
                        check(
                            arguments.cleave, folder, file, x, predictions, model.count_params()))
            module.backend.clear_session()
        print(f"{name}")
        for format_name, result in zip(["Keras 2 .h5", "Keras 3 .h5", "Keras 3 .keras"], results):
            print(f"    {format_name:15} {result}")
        sys.stdout.flush()
        present = [result for result in results if result != "absent"]
        word = "refused" if kind == "refused" else "agrees"
        good = all(result.startswith(word) for result in present)
        total, agreeing = counts.get(kind, (0, 0))
        counts[kind] = (total + 1, agreeing + good)
    print()
    for kind, (total, agreeing) in counts.items():
        verb = "are refused" if kind == "refused" else "agree"
        print(f"{kind}: {agreeing} of {total} {verb} in every format")


if __name__ == "__main__":
    main()
