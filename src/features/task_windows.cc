#include "features/task_windows.h"

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

TaskWindows CutTaskWindows(const Tokenizer& tokenizer, const TaskExamples& examples,
                           const WindowOptions& options, int threads) {
  TaskWindows cut;
  cut.windows = examples.task.of_questions()
                    ? MakeWindows(tokenizer, examples.questions, options, threads)
                    : MakeTextWindows(tokenizer, examples.texts, {options.max_length}, threads);
  if (examples.task.of_spans() || !examples.labelled()) return cut;
  cut.targets.reserve(cut.windows.size());
  for (const Window& window : cut.windows) cut.targets.push_back(TargetOf(examples, window));
  return cut;
}

}  // namespace bv
