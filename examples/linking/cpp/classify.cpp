// Tells what a picture of 28x28 pixels shows: a PGM file in, the label of the best class out.
//
//   cnnc -c ../../lenet/lenet.cnn
//   c++ -std=c++17 classify.cpp lenet.o -lm -o classify
//   ./classify ../boot.pgm
#include <algorithm>
#include <array>
#include <exception>
#include <fstream>
#include <iostream>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "lenet.h"

// The network with a workspace of its own. One for each thread: the network itself has no state.
class Lenet {
  public:
    using Scores = std::array<float, LENET_CLASS_FLOATS>;

    Scores operator()(const std::vector<float> &image) {
        if (image.size() != LENET_IMAGE_FLOATS)
            throw std::invalid_argument("lenet: the image has another size");
        Scores scores;
        if (int result =
                lenet_run(image.data(), scores.data(), workspace.get(), LENET_WORKSPACE_BYTES))
            throw std::runtime_error("lenet returned " + std::to_string(result));
        return scores;
    }

    static const char *label(std::size_t channel) {
        const cnn_info *info = lenet_info();
        return cnn_info_label(info, &cnn_info_outputs(info)[0], static_cast<int64_t>(channel));
    }

  private:
    static constexpr std::align_val_t alignment{LENET_ALIGNMENT};
    struct Free {
        void operator()(void *memory) const {
            ::operator delete(memory, alignment);
        }
    };
    std::unique_ptr<void, Free> workspace{::operator new(LENET_WORKSPACE_BYTES, alignment)};
};

static std::vector<float> read_picture(const char *path) {
    std::ifstream file(path, std::ios::binary);
    std::string magic;
    int width = 0, height = 0, white = 0;
    file >> magic >> width >> height >> white;
    if (magic != "P5" || width != LENET_IMAGE_WIDTH || height != LENET_IMAGE_HEIGHT || white != 255)
        throw std::runtime_error(std::string(path) + ": not a PGM picture of 28x28 pixels");
    std::vector<unsigned char> pixels(LENET_IMAGE_FLOATS);
    file.ignore().read(reinterpret_cast<char *>(pixels.data()), LENET_IMAGE_FLOATS);
    if (!file)
        throw std::runtime_error(std::string(path) + ": ends inside its pixels");
    return {pixels.begin(), pixels.end()};
}

int main(int count, char **words) try {
    if (count != 2)
        throw std::invalid_argument("usage: classify PICTURE.pgm");
    Lenet lenet;
    const auto scores = lenet(read_picture(words[1]));
    const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
    std::cout << Lenet::label(static_cast<std::size_t>(best)) << "\n";
} catch (const std::exception &error) {
    std::cerr << error.what() << "\n";
    return 1;
}
