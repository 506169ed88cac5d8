/* Values to their extremes and mean. */
#include "runtime/program/summary.h"

#include <math.h>

void summary_add(struct summary *summary, const float *values, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        double value = values[i];
        if (isnan(value)) {
            summary->not_numbers++;
        } else if (isinf(value)) {
            summary->infinite++;
        } else {
            if (summary->finite == 0 || value < summary->minimum)
                summary->minimum = value;
            if (summary->finite == 0 || value > summary->maximum)
                summary->maximum = value;
            summary->sum += value;
            summary->finite++;
        }
    }
}

double summary_mean(const struct summary *summary) {
    return summary->finite ? summary->sum / (double)summary->finite : NAN;
}
