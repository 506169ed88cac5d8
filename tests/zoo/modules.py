"""Networks that torchvision does not have, as PyTorch modules with the names of examples/: ResNet-8 and DS-CNN of MLPerf Tiny,
VDSR, Yolo-Fastest 1.1. Needs torch; never run by the tests. Written independently of the .cnn files, from their papers and, for
Yolo-Fastest, from darknet's file, so that it is a check of them."""

import torch
from torch import nn
from torch.nn import functional

KERAS_EPSILON = 0.001


class ResNet8Unit(nn.Module):
    def __init__(self, depth_in, depth, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(depth_in, depth, 3, stride, 1)
        self.bn1 = nn.BatchNorm2d(depth, KERAS_EPSILON)
        self.conv2 = nn.Conv2d(depth, depth, 3, 1, 1)
        self.bn2 = nn.BatchNorm2d(depth, KERAS_EPSILON)
        self.downsample = nn.Conv2d(depth_in, depth, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x):
        y = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x)))))
        return functional.relu(self.downsample(x) + y)


class ResNet8(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1)
        self.bn1 = nn.BatchNorm2d(16, KERAS_EPSILON)
        self.layer1 = ResNet8Unit(16, 16, 1)
        self.layer2 = ResNet8Unit(16, 32, 2)
        self.layer3 = ResNet8Unit(32, 64, 2)
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = functional.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return functional.softmax(self.fc(x.mean((2, 3))), 1)


class DsCnnUnit(nn.Module):
    def __init__(self):
        super().__init__()
        self.depthwise = nn.Conv2d(64, 64, 3, 1, 1, groups=64)
        self.bn1 = nn.BatchNorm2d(64, KERAS_EPSILON)
        self.pointwise = nn.Conv2d(64, 64, 1)
        self.bn2 = nn.BatchNorm2d(64, KERAS_EPSILON)

    def forward(self, x):
        x = functional.relu(self.bn1(self.depthwise(x)))
        return functional.relu(self.bn2(self.pointwise(x)))


class DsCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 64, (10, 4), 2)
        self.bn = nn.BatchNorm2d(64, KERAS_EPSILON)
        for i in range(1, 5):
            setattr(self, f"unit{i}", DsCnnUnit())
        self.fc = nn.Linear(64, 12)

    def forward(self, x):
        x = functional.pad(x, (1, 1, 4, 5))  # 25 and 5 windows, 2 apart, over 49 + 9 and 10 + 2
        x = functional.relu(self.bn(self.conv(x)))
        x = self.unit4(self.unit3(self.unit2(self.unit1(x))))
        return functional.softmax(self.fc(x.mean((2, 3))), 1)


class ConvRelu(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(64, 64, 3, 1, 1, bias=False)

    def forward(self, x):
        return functional.relu(self.conv(x))


class Vdsr(nn.Module):
    def __init__(self):
        super().__init__()
        self.input = nn.Conv2d(1, 64, 3, 1, 1, bias=False)
        self.residual_layer = nn.Sequential(*(ConvRelu() for _ in range(18)))
        self.output = nn.Conv2d(64, 1, 3, 1, 1, bias=False)

    def forward(self, x):
        return x + self.output(self.residual_layer(functional.relu(self.input(x))))


class YoloUnit(nn.Sequential):
    def __init__(self, depth_in, depth, kernel, stride=1, groups=1, leaky=True):
        super().__init__()
        self.conv = nn.Conv2d(depth_in, depth, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(depth)
        if leaky:
            self.activation = nn.LeakyReLU(0.1)


class YoloBottleneck(nn.Sequential):
    def __init__(self, depth_in, wide, depth, stride=1):
        super().__init__()
        self.widen = YoloUnit(depth_in, wide, 1)
        self.each = YoloUnit(wide, wide, 3, stride, wide)
        self.narrow = YoloUnit(wide, depth, 1, leaky=False)


class YoloStage(nn.ModuleList):
    def __init__(self, depth_in, first, depth, wide, count, stride):
        super().__init__([YoloBottleneck(depth_in, first, depth, stride)] +
                         [YoloBottleneck(depth, wide, depth) for _ in range(count)])

    def forward(self, x):
        x = self[0](x)
        for bottleneck in list(self)[1:]:
            x = x + bottleneck(x)
        return x


class YoloHead(nn.Sequential):
    def __init__(self, depth):
        super().__init__()
        for i in (1, 2):
            setattr(self, f"each{i}", YoloUnit(depth, depth, 5, groups=depth))
            setattr(self, f"mix{i}", YoloUnit(depth, depth, 1, leaky=False))
        self.scores = nn.Conv2d(depth, 255, 1)


class YoloFastest(nn.Module):
    STAGES = [(8, 4, 8, 1, 1), (24, 8, 32, 2, 2), (32, 8, 48, 2, 2), (48, 16, 96, 4, 1), (96, 24, 136, 4, 2),
              (136, 48, 224, 5, 2)]

    def __init__(self):
        super().__init__()
        self.first = YoloUnit(3, 8, 3, 2)
        depth = 8
        for i, stage in enumerate(self.STAGES, 1):
            setattr(self, f"stage{i}", YoloStage(depth, *stage))
            depth = stage[1]
        self.join = YoloUnit(4 * 48, 96, 1)
        self.coarse = YoloHead(96)
        self.fine = YoloHead(96 + 24)

    def forward(self, x):
        x = self.first(x)
        for i in range(1, 6):
            x = getattr(self, f"stage{i}")(x)
        y = self.stage6(x)
        y = self.join(torch.cat([functional.max_pool2d(y, size, 1, size // 2) for size in (9, 5, 3)] + [y], 1))
        return self.coarse(y), self.fine(torch.cat([functional.interpolate(y, scale_factor=2), x], 1))
