#include "cli/task_options.h"

#include "data/glue_tasks.h"

namespace bv::cli {
namespace {

constexpr int32_t kTextLength = 128;

}  // namespace

void TaskFlags::Declare(Options& declared) {
  declared.Choice("--task", &options.name, TaskNames(),
                  "what the data is for; auto: squad for *.json, else classification");
  declared.Text("--text-column", &options.columns.text,
                "classification, regression: column or key of the text");
  declared.Text("--pair-column", &options.columns.text_b, "of the second text; not given: single texts");
  declared.Text("--label-column", &options.columns.label, "of the label, or of the number to predict");
  declared.Flag("--with-context", &options.with_context, "answer-type: the context is the second text");
  declared.Flag("--skip-bad-answers", &options.skip_bad_answers,
                "drop gold answers that are not in their context");
  declared.Flag("--skip-bad-rows", &options.skip_bad_rows, "drop rows with too few or too many columns");
}

WindowOptions TaskWindowOptions(const Options& options, const WindowOptions& windows,
                                const std::string& task_name) {
  WindowOptions chosen = windows;
  if (IsQuestionTask(task_name) || options.Given("--max-length")) return chosen;
  const GlueTask* glue = GlueTaskOrNull(task_name);
  chosen.max_length = glue != nullptr ? glue->recipe.max_length : kTextLength;
  return chosen;
}

}  // namespace bv::cli
