#include "features/task_windows.h"

#include "features/paper_windows.h"
#include "features/text_windows.h"

namespace bv {
namespace {

float TargetOf(const TaskExamples& examples, const Window& window) {
  if (examples.task.kind == TaskKind::kAnswerability) return window.start + window.end == 0 ? 1.0F : 0.0F;
  const TextExample& example = examples.texts.examples[static_cast<size_t>(window.example)];
  return examples.task.kind == TaskKind::kRegression ? static_cast<float>(example.value)
                                                     : static_cast<float>(example.label);
}

}  // namespace

std::vector<Window> CutQuestions(const Tokenizer& tokenizer, const QaData& data, const WindowOptions& options,
                                 int threads, int64_t* dropped) {
  options.CheckPadding();
  std::vector<Window> windows;
  if (options.rule == WindowRule::kPaper) {
    const PaperWindowOptions paper = {.max_length = options.max_length,
                                      .doc_stride = options.doc_stride,
                                      .question_limit = options.question_limit,
                                      .training = options.training,
                                      .labels = true};
    PaperWindowStatistics statistics;
    windows = MakePaperWindows(tokenizer, data, paper, threads, &statistics);
    if (options.training && dropped != nullptr) *dropped = statistics.dropped;
  } else {
    windows = MakeWindows(tokenizer, data, options, threads);
  }
  if (options.pad_to > 0) PadWindows(tokenizer.pad_id(), options.pad_to, &windows);
  return windows;
}

TaskWindows CutTaskWindows(const Tokenizer& tokenizer, const TaskExamples& examples,
                           const WindowOptions& options, int threads) {
  TaskWindows cut;
  if (examples.task.of_questions()) {
    cut.windows = CutQuestions(tokenizer, examples.questions, options, threads, &cut.dropped);
  } else {
    options.CheckPadding();
    cut.windows = MakeTextWindows(tokenizer, examples.texts, {options.max_length}, threads);
    if (options.pad_to > 0) PadWindows(tokenizer.pad_id(), options.pad_to, &cut.windows);
  }
  if (examples.task.of_spans() || !examples.labelled()) return cut;
  cut.targets.reserve(cut.windows.size());
  for (const Window& window : cut.windows) cut.targets.push_back(TargetOf(examples, window));
  return cut;
}

}  // namespace bv
