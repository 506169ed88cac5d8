/* Attributes of a node: found by name, of the type that the operator gives them. Within a function
 * of the model one may stand for an attribute of the call. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "import/importer.h"
#include "ir/values.h"

static const Onnx__AttributeProto *attribute_of(Onnx__AttributeProto *const *attributes,
                                                size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(attributes[i]->name, name) == 0)
            return attributes[i];
    return NULL;
}

/* What a reference within a function's body stands for; NULL: the operator's default. */
static const Onnx__AttributeProto *referenced(const struct inlined *inlined, const char *name) {
    while (inlined) {
        const Onnx__NodeProto *call = inlined->call;
        const Onnx__AttributeProto *found = attribute_of(call->attribute, call->n_attribute, name);
        if (!found)
            return attribute_of(inlined->function->attribute_proto,
                                inlined->function->n_attribute_proto, name);
        if (!*found->ref_attr_name)
            return found;
        name = found->ref_attr_name;
        inlined = inlined->caller;
    }
    return NULL;
}

const Onnx__AttributeProto *find_attribute(struct step *step, const char *name) {
    const Onnx__NodeProto *node = step->node;
    for (size_t i = 0; i < node->n_attribute; i++) {
        const Onnx__AttributeProto *attribute = node->attribute[i];
        if (strcmp(attribute->name, name) != 0)
            continue;
        if (i < 64)
            step->seen |= UINT64_C(1) << i;
        if (*attribute->ref_attr_name)
            return referenced(step->inlined, attribute->ref_attr_name);
        return attribute;
    }
    return NULL;
}

/* The attribute, if it is of the type; files before IR version 2 state no types. */
static const Onnx__AttributeProto *typed(struct step *step, const char *name, int type,
                                         const char *wanted) {
    const Onnx__AttributeProto *attribute = find_attribute(step, name);
    if (!attribute)
        return NULL;
    if (!attribute->type || attribute->type == type)
        return attribute;
    refuse(step, E1004_ONNX_FORM, "attribute `%s` is %s", name, wanted);
    return NULL;
}

int64_t attribute_int(struct step *step, const char *name, int64_t otherwise) {
    const Onnx__AttributeProto *found =
        typed(step, name, ONNX__ATTRIBUTE_TYPE__ATTRIBUTE_INT, "an integer");
    return found ? found->i : otherwise;
}

double decimal_of(struct importer *im, float number) {
    return strtod(float_text(im->arena, number), NULL);
}

double attribute_float(struct step *step, const char *name, double otherwise) {
    const Onnx__AttributeProto *found =
        typed(step, name, ONNX__ATTRIBUTE_TYPE__ATTRIBUTE_FLOAT, "a float");
    if (found && isnan(found->f)) {
        refuse(step, E1004_ONNX_FORM, "attribute `%s` is not a number", name);
        return otherwise;
    }
    return found ? decimal_of(step->importer, found->f) : otherwise;
}

const char *attribute_string(struct step *step, const char *name, const char *otherwise) {
    const Onnx__AttributeProto *found =
        typed(step, name, ONNX__ATTRIBUTE_TYPE__ATTRIBUTE_STRING, "a string");
    if (!found)
        return otherwise;
    return printable(step->importer->arena, (const char *)found->s.data, found->s.len);
}

const int64_t *attribute_ints(struct step *step, const char *name, size_t *count) {
    const Onnx__AttributeProto *found =
        typed(step, name, ONNX__ATTRIBUTE_TYPE__ATTRIBUTE_INTS, "a list of integers");
    *count = found ? found->n_ints : 0;
    return found ? found->ints : NULL;
}

bool check_attributes(struct step *step) {
    bool known = true;
    const Onnx__NodeProto *node = step->node;
    if (node->n_attribute > 64)
        return refuse(step, E1004_ONNX_FORM, "it has %zu attributes", node->n_attribute);
    for (size_t i = 0; i < node->n_attribute; i++)
        if (!(step->seen >> i & 1)) {
            const char *name = node->attribute[i]->name;
            known = refuse(step, E1004_ONNX_FORM, "it takes no attribute `%s`",
                           printable(step->importer->arena, name, strlen(name)));
        }
    return known;
}
