// The windows of a data file of any task, with what each of them is to be told as. One place knows which task
// cuts its examples in which way. Free functions, safe from any thread.
#pragma once

#include <vector>

#include "data/task.h"
#include "features/windows.h"

namespace bv {

struct TaskWindows {
  std::vector<Window> windows;
  // One per window: its class, or the value of a regression; none for spans (Window::start, end) and where
  // the data is not labelled. Answerability: 1 where the window's label is [CLS] (spec section G).
  std::vector<float> targets;
};

// options.doc_stride counts for questions alone. Errors: those of MakeWindows and MakeTextWindows.
TaskWindows CutTaskWindows(const Tokenizer& tokenizer, const TaskExamples& examples,
                           const WindowOptions& options, int threads);

}  // namespace bv
