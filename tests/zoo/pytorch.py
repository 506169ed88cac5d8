"""The zoo's networks as PyTorch modules: torchvision's, and those that it does not have, two here, whose parameters are
called as in the versions that most published weights are for, and more in modules.py. Needs torch and torchvision; never run by
the tests. Written independently of the .cnn files, so that it is a check of them."""

import torch
import torchvision
from torch import nn
from torch.nn import functional

import modules


def conv_norm_relu(depth_in, depth, kernel, stride=1, groups=1):
    return [nn.Conv2d(depth_in, depth, kernel, stride, kernel // 2, groups=groups, bias=False),
            nn.BatchNorm2d(depth), nn.ReLU()]


class MobileNetV1(nn.Module):
    """Howard et al. 2017, table 1; names as in github.com/marvis/pytorch-mobilenet."""

    LAYERS = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1),
              (512, 1), (1024, 2), (1024, 1)]

    def __init__(self):
        super().__init__()
        parts, channels = [nn.Sequential(*conv_norm_relu(3, 32, 3, stride=2))], 32
        for depth, stride in self.LAYERS:
            parts.append(nn.Sequential(*conv_norm_relu(channels, channels, 3, stride, groups=channels),
                                       *conv_norm_relu(channels, depth, 1)))
            channels = depth
        self.model = nn.Sequential(*parts)
        self.fc = nn.Linear(channels, 1000)

    def forward(self, x):
        return self.fc(self.model(x).mean((2, 3)))


class Twice(nn.Module):
    def __init__(self, depth_in, depth):
        super().__init__()
        self.double_conv = nn.Sequential(*conv_norm_relu(depth_in, depth, 3), *conv_norm_relu(depth, depth, 3))

    def forward(self, x):
        return self.double_conv(x)


class Down(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.maxpool_conv = nn.Sequential(nn.MaxPool2d(2), Twice(depth // 2, depth))

    def forward(self, x):
        return self.maxpool_conv(x)


class Up(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.up = nn.ConvTranspose2d(2 * depth, depth, 2, stride=2)
        self.conv = Twice(2 * depth, depth)

    def forward(self, x, across):
        return self.conv(torch.cat([across, self.up(x)], 1))


class Last(nn.Module):
    def __init__(self, depth, classes):
        super().__init__()
        self.conv = nn.Conv2d(depth, classes, 1)

    def forward(self, x):
        return self.conv(x)


class UNet(nn.Module):
    """Ronneberger et al. 2015, figure 1, padded and with batch norm; names as in
    github.com/milesial/Pytorch-UNet."""

    def __init__(self):
        super().__init__()
        self.inc = Twice(3, 64)
        for level in range(1, 5):
            setattr(self, f"down{level}", Down(64 * 2 ** level))
        for level in range(1, 5):
            setattr(self, f"up{level}", Up(64 * 2 ** (4 - level)))
        self.outc = Last(64, 2)

    def forward(self, x):
        across = [self.inc(x)]
        for level in range(1, 5):
            across.append(getattr(self, f"down{level}")(across[-1]))
        x = across.pop()
        for level in range(1, 5):
            x = getattr(self, f"up{level}")(x, across.pop())
        return functional.softmax(self.outc(x), 1)


IMAGENET = ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
HALF = ((127.5,) * 3, (127.5,) * 3)
UNIT = ((0.0,) * 3, (255.0,) * 3)
BRIGHTNESS = ((0.0,), (255.0,))

# name: the size of its picture of three channels, or of another input C, H, W; the mean and standard deviation of raw values;
# torchvision's name of its weights
NETWORKS = {
    "vgg16": (224, IMAGENET, "VGG16_Weights"),
    "resnet18": (224, IMAGENET, "ResNet18_Weights"),
    "resnet50": (224, IMAGENET, "ResNet50_Weights"),
    "mobilenet_v1": (224, IMAGENET, None),
    "mobilenet_v2": (224, IMAGENET, "MobileNet_V2_Weights"),
    "mobilenet_v3_small": (224, IMAGENET, "MobileNet_V3_Small_Weights"),
    "squeezenet": (224, IMAGENET, "SqueezeNet1_1_Weights"),
    "densenet121": (224, IMAGENET, "DenseNet121_Weights"),
    "efficientnet_b0": (224, IMAGENET, "EfficientNet_B0_Weights"),
    "inception_v3": (299, HALF, "Inception_V3_Weights"),
    "googlenet": (224, HALF, "GoogLeNet_Weights"),
    "unet": (512, UNIT, None),
    "yolo_fastest": (320, UNIT, None),
    "super_resolution": ((1, 256, 256), BRIGHTNESS, None),
    "resnet8": (32, ((0.0,) * 3, (1.0,) * 3), None),
    "keyword_spotting": ((1, 49, 10), ((0.0,), (1.0,)), None),
}
OWN = {"mobilenet_v1": MobileNetV1, "unet": UNet, "yolo_fastest": modules.YoloFastest, "super_resolution": modules.Vdsr,
       "resnet8": modules.ResNet8, "keyword_spotting": modules.DsCnn}


def shape(name):
    """C, H, W of its input."""
    size = NETWORKS[name][0]
    return size if isinstance(size, tuple) else (3, size, size)


def module(name):
    """The network with made-up parameters, as it is used after training."""
    models = torchvision.models
    if name in OWN:
        net = OWN[name]()
    elif name == "squeezenet":
        net = models.squeezenet1_1()
    elif name == "googlenet":
        net = models.googlenet(init_weights=False, aux_logits=False)
    elif name == "inception_v3":
        net = models.inception_v3(init_weights=False, aux_logits=False)
    else:
        net = getattr(models, name)()
    return net.eval()


def published(name):
    """Learned parameters and giga MACs as in the meta data of torchvision's weights, or None."""
    weights = NETWORKS[name][2]
    if not weights:
        return None
    meta = getattr(torchvision.models, weights).IMAGENET1K_V1.meta
    return meta["num_params"], meta["_ops"]


def training_only(name):
    """Published counts include Inception-v3's second head, which helps in training only (GoogLeNet's leave
    its two out)."""
    if name != "inception_v3":
        return 0
    return learned(torchvision.models.inception_v3(init_weights=False).AuxLogits)


def parameters(net):
    """name -> tensor, in state_dict order, without the counters of batches."""
    return {key: value for key, value in net.state_dict().items() if not key.endswith("num_batches_tracked")}


def learned(net):
    return sum(parameter.numel() for parameter in net.parameters())


def macs(net, shape):
    """Multiply-accumulates of convolutions and dense layers on one input, counted where they are called."""
    total = 0

    def count(layer, inputs, output):
        nonlocal total
        if isinstance(layer, nn.ConvTranspose2d):  # each input value meets the whole kernel
            total += inputs[0].numel() * layer.weight[0].numel()
        else:  # each output value is a sum over one filter
            total += output.numel() * layer.weight[0].numel()

    hooks = [layer.register_forward_hook(count) for layer in net.modules()
             if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear))]
    with torch.no_grad():
        net(torch.zeros(1, *shape))
    for hook in hooks:
        hook.remove()
    return total
