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
  int64_t dropped = 0;  // questions without windows: those that options.training leaves out
};

// The windows of questions, filled up to options.pad_to. dropped, unless null: as TaskWindows::dropped.
// Errors: those of MakeWindows and MakePaperWindows; kUsage as CheckPadding.
std::vector<Window> CutQuestions(const Tokenizer& tokenizer, const QaData& data, const WindowOptions& options,
                                 int threads, int64_t* dropped = nullptr);

// options.rule and what belongs to it count for questions alone; windows are filled up to options.pad_to.
// Questions have labels where they have answers, for evaluation too. Errors: those of CutQuestions
// and MakeTextWindows.
TaskWindows CutTaskWindows(const Tokenizer& tokenizer, const TaskExamples& examples,
                           const WindowOptions& options, int threads);

}  // namespace bv
