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

// One evaluation per head, over all windows of data->dev(), which must be there. Nothing when `stop`, asked
// after every batch, said so before the end.
std::optional<std::vector<TaskEvaluation>> ScoreHeads(HeadData* data, const std::vector<const Head*>& heads,
                                                      const SpanEvaluationOptions& options,
                                                      const std::function<bool()>& stop);

}  // namespace bv
