/* Words of other tools for what is here. */
#ifndef CNNC_IR_SYNONYMS_H
#define CNNC_IR_SYNONYMS_H

/* Our word for a layer or an attribute that PyTorch, Keras or ONNX call `foreign`, whatever its
 * case; NULL where none is known. A layer's word can have its argument: "avgpool(global)". */
const char *our_layer(const char *foreign);
const char *our_attribute(const char *foreign);
/* Why there is no attribute of this name in any layer; NULL where that cannot be told. */
const char *why_no_attribute(const char *foreign);

#endif
