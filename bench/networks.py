"""The networks of the suite: files of examples/ at a size and a batch, with made-up weights."""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import tools

WEIGHTS = "random:1"


@dataclass
class Network:
    title: str
    file: str  # in examples/, without .cnn
    values: dict = field(default_factory=dict)  # of its parameters
    tiny: bool = False

    @property
    def name(self):
        return Path(self.file).name

    def text(self, batch):
        """The file with its values as defaults, its inputs in a batch, and without weights of its own. What files assert of
        their MACs is so for one image."""
        text = tools.with_defaults((ROOT / "examples" / f"{self.file}.cnn").read_text(), self.values)
        text = re.sub(r'^ *(weights|labels) +".*"\n', "", text, flags=re.M)
        text = re.sub(r"^ *if .*\bmacs\(\) == .*\n", "", text, flags=re.M)
        text = re.sub(r"^(\s*input \w+: \[)", rf"\g<1>{batch}, ", text, flags=re.M)
        return re.sub(r"^(\s*input \w+: )(\d+x)", rf"\g<1>{batch}x\g<2>", text, flags=re.M)


SUITE = [
    Network("VGG-16", "vgg16"),
    Network("ResNet-18", "resnet18"),
    Network("ResNet-50", "resnet50"),
    Network("DenseNet-121", "densenet121"),
    Network("SqueezeNet 1.1", "squeezenet", {"size": 224}),
    Network("MobileNetV2", "mobilenet_v2"),
    Network("MobileNetV3-small", "mobilenet_v3_small"),
    Network("EfficientNet-B0", "efficientnet_b0"),
    Network("Inception-v3", "inception_v3"),
    Network("U-Net, 256x256", "unet", {"size": 256, "depth": 32}),
    Network("Yolo-Fastest, 320x320", "yolo_fastest"),
    Network("super-resolution, 256x256", "super_resolution"),
    Network("LeNet-5", "lenet/lenet", tiny=True),
    Network("ResNet-8", "resnet8", tiny=True),
    Network("keyword spotting", "keyword_spotting", tiny=True),
]
