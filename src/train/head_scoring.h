// Heads on dev data: logits of all of them in one pass, decoded and scored by their task. Prints nothing,
// writes nothing. One owner.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "heads/head.h"
#include "train/head_data.h"
#include "train/task_evaluation.h"

namespace bv {

// One evaluation per head, over all windows of data->dev(), which must be there. `go_on` is told after every
// batch how many windows are done; nothing is returned when it said no.
std::optional<std::vector<TaskEvaluation>> ScoreHeads(HeadData* data, const std::vector<const Head*>& heads,
                                                      const SpanEvaluationOptions& options,
                                                      const std::function<bool(int64_t windows)>& go_on);

}  // namespace bv
