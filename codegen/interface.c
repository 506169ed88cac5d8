/* The graph's inputs and outputs as parameters of the run function. */
#include "codegen/interface.h"

#include "codegen/integers.h"

size_t port_count(const struct graph *graph) {
    return graph->input_count + graph->output_count;
}

struct port graph_port(const struct graph *graph, size_t index) {
    if (index < graph->input_count) {
        const struct input *input = &graph->inputs[index];
        return (struct port){
            .name = input->name,
            .shape = input->node->shape,
            .layout = input->layout,
            .element = input->element,
            .input = input,
        };
    }
    const struct output *output = &graph->outputs[index - graph->input_count];
    return (struct port){
        .name = output->name,
        .shape = output->node->shape,
        .layout = output->layout,
        .is_output = true,
        .output = output,
    };
}

int64_t element_bytes(enum element element) {
    return element == ELEMENT_U8 ? 1 : (int64_t)sizeof(float);
}

int64_t port_bytes(const struct port *port) {
    return shape_count(port->shape) * element_bytes(port->element);
}

int64_t part_bytes(const struct graph *graph) {
    int64_t most = graph->pass_floats;
    for (size_t i = 0; i < graph->node_count; i++)
        most = larger(most, graph->nodes[i]->scratch_floats);
    return round_up(most * (int64_t)sizeof(float), BUFFER_ALIGNMENT);
}

int64_t workspace_bytes(const struct graph *graph) {
    int64_t bytes = graph->workspace_floats * (int64_t)sizeof(float);
    return bytes > 0 ? bytes : BUFFER_ALIGNMENT;
}
