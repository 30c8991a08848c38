"""Writes models as Keras itself saves them: run `python3 make_keras_models.py` here.

Versions: Keras 3.15.1, tf_keras 2.21.0, tensorflow-cpu 2.21.0, h5py 3.14.0, numpy 2.4.6. Every file
comes with `<name>.expected.h5`: `input`, Keras's own `output0`, and `parameters`, what
`count_params()` gives.
"""

import os
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import h5py
import keras
import numpy as np
import tf_keras


def arithmetic(keras):
    """Operations on values, constants on either side, and layers that do nothing in inference."""
    layers = keras.layers
    inputs = keras.Input((6, 5, 3), name="image")
    x = inputs[..., ::-1]
    x = keras.applications.imagenet_utils.preprocess_input(x, mode="torch")
    x = keras.applications.imagenet_utils.preprocess_input(x * 127.5 + 127.5, mode="caffe")
    x = 1.0 - x / 127.5
    x = layers.Rescaling([0.5, 0.25, 2.0], offset=[0.1, -0.1, 0.0])(x)
    x = layers.RandomFlip(name="flip")(x)
    x = layers.Conv2D(4, 3, padding="same", name="stem")(x)
    x = x * layers.ReLU(6.0)(x + 3.0) * (1.0 / 6.0)
    x = layers.GaussianNoise(0.5, name="noise")(x)
    x = layers.SpatialDropout2D(0.5, name="channels")(x)
    x = x - layers.Activation("tanh")(x)
    x = layers.Subtract()([x, layers.ReLU(1.5)(x)])
    part = x[:, 1:5:2, -4:, :3]
    y = layers.Average()([x, -x, x])[:, 1:5:2, 1:, :3]
    x = layers.Concatenate()([part, y])
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(3, activation="softmax", name="label")(x))


def normalization(keras):
    """Normalizations without scale or shift, with statistics of data, and sizes that change."""
    layers = keras.layers
    inputs = keras.Input((9, 8, 3), name="image")
    x = layers.Normalization(name="pixels")(inputs)
    x = layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[0.5, 1.5, 2.0])(x)
    x = layers.Resizing(7, 6)(x)
    x = layers.CenterCrop(6, 6)(x)
    x = layers.Conv2D(4, 3, use_bias=False, name="conv")(x)
    x = layers.BatchNormalization(scale=False, name="no_scale")(x)
    x = layers.BatchNormalization(center=False, name="no_shift")(x)
    frozen = layers.BatchNormalization(center=False, scale=False, name="frozen", trainable=False)
    x = frozen(x, training=True)
    x = layers.GroupNormalization(2, center=False, name="groups")(x)
    x = layers.LayerNormalization(scale=False, name="layer")(x)
    x = layers.RandomZoom(0.2)(x)
    x = layers.GlobalMaxPooling2D()(x)
    return keras.Model(inputs, layers.Dense(3, name="logits")(x))


def nested(keras):
    """Layers in models in models, whose names end alike where Keras allows it."""
    layers = keras.layers
    second = "block1/conv" if keras is tf_keras else "block1_conv"
    image = keras.Input((5, 4, 2), name="inner_image")
    x = layers.Conv2D(2, 3, padding="same", name="conv")(image)
    x = layers.Conv2D(2, 1, name=second)(x)
    backbone = keras.Model(image, layers.BatchNormalization(name="bn")(x), name="backbone")
    backbone.trainable = False
    inputs = keras.Input((5, 4, 2), name="image")
    x = backbone(inputs, training=False)
    x = keras.Sequential([layers.Dropout(0.5), layers.Conv2D(2, 1, name="conv")], name="top")(x)
    return keras.Model(inputs, layers.Dense(3, name="logits")(layers.Flatten()(x)))


def scaled(keras):
    """Layers that keras.applications has of its own: two learned scales, and a scaled sum."""
    if keras is tf_keras:
        from tf_keras.src.applications.convnext import LayerScale
        from tf_keras.src.applications.inception_resnet_v2 import CustomScaleLayer
    else:
        from keras.src.applications.convnext import LayerScale
        from keras.src.applications.inception_resnet_v2 import CustomScaleLayer
    layers = keras.layers
    inputs = keras.Input((4, 4, 3), name="image")
    x = layers.Conv2D(4, 3, padding="same", name="stem")(inputs)
    for name in ["first", "second"]:
        x = LayerScale(1e-2, 4, name=name)(x)
    x = CustomScaleLayer(0.17)(
        [layers.Conv2D(1, 1, name="one")(inputs), layers.Conv2D(1, 1, name="two")(x)])
    return keras.Model(inputs, x, name="scaled")


def all_layers(model):
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from all_layers(layer)
        else:
            yield layer


def write(module, build, ending, name, packed=False):
    module.utils.set_random_seed(5)
    random = np.random.default_rng(7)
    model = build(module)
    for layer in all_layers(model):
        for weight in layer.weights:
            kind = weight.name.split("/")[-1].split(":")[0]
            if "seed" in kind or "state" in kind.lower():
                continue
            if kind == "count":
                weight.assign(12)
                continue
            low, high = (0.5, 1.5) if "variance" in kind or kind == "gamma" else (-0.5, 0.5)
            weight.assign(random.uniform(low, high, weight.shape))
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()
    x = random.uniform(0, 255, (3,) + model.input_shape[1:]).astype(np.float32)
    file = f"{name}.{ending}"
    model.save(file)
    if packed:
        with zipfile.ZipFile(file) as archive:
            content = {entry: archive.read(entry) for entry in archive.namelist()}
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry, data in content.items():
                archive.writestr(zipfile.ZipInfo(entry), data, zipfile.ZIP_DEFLATED)
    with h5py.File(name + ".expected.h5", "w") as expected:
        expected["input"] = x
        expected["output0"] = model.predict(x, verbose=0)
        expected["parameters"] = np.array([model.count_params()], np.float32)


write(tf_keras, arithmetic, "h5", "keras2-arithmetic")
write(keras, arithmetic, "h5", "keras3-arithmetic")
write(keras, arithmetic, "keras", "keras3-packed", packed=True)
write(tf_keras, normalization, "h5", "keras2-normalization")
write(tf_keras, normalization, "keras", "keras2-packed", packed=True)
write(keras, normalization, "keras", "keras3-normalization", packed=True)
write(tf_keras, nested, "h5", "keras2-nested")
write(keras, nested, "keras", "keras3-stored")

write(tf_keras, scaled, "h5", "keras2-scaled")
write(keras, scaled, "h5", "keras3-scaled")
