/* The words that people bring from PyTorch, Keras and ONNX, and ours. */
#include "ir/synonyms.h"

#include <stddef.h>
#include <strings.h>

struct synonym {
    const char *foreign, *ours;
};

static const struct synonym layers[] = {
    {"conv1d", "conv"},
    {"conv2d", "conv"},
    {"convolution", "conv"},
    {"convolution2d", "conv"},
    {"depthwiseconv2d", "depthwise"},
    {"depthwise_conv", "depthwise"},
    {"depthwise_conv2d", "depthwise"},
    {"separableconv2d", "separable"},
    {"separable_conv", "separable"},
    {"convtranspose", "deconv"},
    {"convtranspose2d", "deconv"},
    {"conv2dtranspose", "deconv"},
    {"conv_transpose", "deconv"},
    {"transposed_conv", "deconv"},
    {"deconvolution", "deconv"},
    {"linear", "dense"},
    {"fc", "dense"},
    {"gemm", "dense"},
    {"fully_connected", "dense"},
    {"maxpool2d", "maxpool"},
    {"max_pool", "maxpool"},
    {"max_pool2d", "maxpool"},
    {"maxunpool2d", "unpool"},
    {"max_unpool2d", "unpool"},
    {"maxpooling2d", "maxpool"},
    {"lppool2d", "lppool"},
    {"lp_pool2d", "lppool"},
    {"globallppool", "lppool(global)"},
    {"avgpool2d", "avgpool"},
    {"avg_pool", "avgpool"},
    {"averagepool", "avgpool"},
    {"averagepooling2d", "avgpool"},
    {"adaptiveavgpool2d", "avgpool(global)"},
    {"globalavgpool", "avgpool(global)"},
    {"globalaveragepool", "avgpool(global)"},
    {"globalaveragepooling2d", "avgpool(global)"},
    {"global_avg_pool", "avgpool(global)"},
    {"globalmaxpool", "maxpool(global)"},
    {"globalmaxpooling2d", "maxpool(global)"},
    {"batchnorm2d", "batchnorm"},
    {"batch_norm", "batchnorm"},
    {"batchnormalization", "batchnorm"},
    {"bn", "batchnorm"},
    {"top_k", "topk"},
    {"layernormalization", "layernorm"},
    {"layer_norm", "layernorm"},
    {"instancenorm2d", "instancenorm"},
    {"instancenormalization", "instancenorm"},
    {"instance_norm", "instancenorm"},
    {"groupnormalization", "groupnorm"},
    {"group_norm", "groupnorm"},
    {"localresponsenorm", "lrn"},
    {"local_response_norm", "lrn"},
    {"lpnormalization", "l2norm"},
    {"swish", "silu"},
    {"hardswish", "hard_swish"},
    {"hardsigmoid", "hard_sigmoid"},
    {"leakyrelu", "leaky_relu"},
    {"lrelu", "leaky_relu"},
    {"logsoftmax", "log_softmax"},
    {"cat", "concat"},
    {"concatenate", "concat"},
    {"stack", "concat"},
    {"upsampling2d", "upsample"},
    {"interpolate", "upsample"},
    {"pixelshuffle", "pixel_shuffle"},
    {"depth_to_space", "pixel_shuffle"},
    {"depthtospace", "pixel_shuffle"},
    {"pixelunshuffle", "pixel_unshuffle"},
    {"space_to_depth", "pixel_unshuffle"},
    {"spacetodepth", "pixel_unshuffle"},
    {"channelshuffle", "channel_shuffle"},
    {"shuffle_channels", "channel_shuffle"},
    {"zeropad2d", "pad"},
    {"zeropadding2d", "pad"},
    {"reflectionpad2d", "pad"},
    {"replicationpad2d", "pad"},
    {"circularpad2d", "pad"},
    {"cropping2d", "crop"},
    {"view", "reshape"},
    {"squeeze", "reshape"},
    {"unsqueeze", "reshape"},
    {"transpose", "permute"},
    {"broadcast_to", "expand"},
    {"repeat", "tile"},
    {"chunk", "split"},
    {"reducemean", "mean"},
    {"reduce_mean", "mean"},
    {"reducesum", "sum"},
    {"reduce_sum", "sum"},
    {"reducemax", "reduce_max"},
    {"amax", "reduce_max"},
    {"reducemin", "reduce_min"},
    {"amin", "reduce_min"},
    {"reduceprod", "reduce_prod"},
    {"prod", "reduce_prod"},
    {"reducel1", "reduce_l1"},
    {"reducel2", "reduce_l2"},
    {"reducesumsquare", "reduce_sum_square"},
    {"reducelogsum", "reduce_log_sum"},
    {"reducelogsumexp", "reduce_log_sum_exp"},
    {"logsumexp", "reduce_log_sum_exp"},
    {"hardtanh", "clip"},
    {"clamp", "clip"},
    {"multiply", "mul"},
    {"subtract", "sub"},
};

static const struct synonym attributes[] = {
    {"kernel_size", "kernel"},
    {"kernel_shape", "kernel"},
    {"pool_size", "kernel"},
    {"filters", "depth"},
    {"out_channels", "depth"},
    {"channels", "depth"},
    {"units", "depth"},
    {"features", "depth"},
    {"out_features", "depth"},
    {"strides", "stride"},
    {"pads", "padding"},
    {"pad", "padding"},
    {"dilations", "dilation"},
    {"dilation_rate", "dilation"},
    {"group", "groups"},
    {"use_bias", "bias"},
    {"eps", "epsilon"},
    {"elementwise_affine", "affine"},
    {"num_groups", "groups"},
    {"normalized_shape", "axes"},
    {"negative_slope", "slope"},
    {"scale_factor", "factor"},
    {"scale", "factor"},
    {"dim", "axis"},
    {"p", "rate"},
    {"ceil_mode", "ceil"},
    {"depth_multiplier", "multiplier"},
    {"count_include_pad", "count_padding"},
    {"min", "low"},
    {"max", "high"},
};

/* What layers of other tools are told, and ours are not. */
static const struct synonym needless[] = {
    {"activation", "an activation is a layer of its own, behind this one: -> relu"},
    {"in_channels", "the channels of the input are known"},
    {"in_features", "the channels of the input are known"},
    {"num_features", "the channels of the input are known"},
    {"input_shape", "sizes follow from the network's input"},
    {"inplace", "where results lie in memory is up to the compiler"},
    {"name", "a layer's name stands before it: -> conv1: conv(3, 8)"},
    {"data_format",
     "tensors are height x width x channels; an input's layout says how they come in"},
    {"momentum", "nothing is trained here"},
    {"training", "nothing is trained here"},
    {"kernel_initializer", "weights come from a file"},
};

static const char *find(const struct synonym *list, size_t count, const char *foreign) {
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(list[i].foreign, foreign) == 0)
            return list[i].ours;
    return NULL;
}

const char *our_layer(const char *foreign) {
    return find(layers, sizeof layers / sizeof *layers, foreign);
}

const char *our_attribute(const char *foreign) {
    return find(attributes, sizeof attributes / sizeof *attributes, foreign);
}

const char *why_no_attribute(const char *foreign) {
    return find(needless, sizeof needless / sizeof *needless, foreign);
}
