#include "cli/task_options.h"

#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/span_options.h"
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

void RefuseUnusedOptions(const Options& options, const std::string& task) {
  const bool of_squad_files = IsQuestionTask(task) || task == "answer-type";
  const struct {
    bool used;
    std::vector<const char*> names;
  } rules[] = {{task == "classification" || task == "regression",
                {"--text-column", "--pair-column", "--label-column"}},
               {task == "answer-type", {"--with-context"}},
               {of_squad_files, {"--skip-bad-answers"}},
               {!of_squad_files, {"--skip-bad-rows"}},
               {task == "squad", {"--decoder", "--reduction"}},
               {task == "squad", DecodeOptionNames()},
               {IsQuestionTask(task), QuestionWindowOptions()}};
  for (const auto& rule : rules) {
    for (const char* name : rule.names) {
      if (!rule.used && options.Declares(name) && options.Given(name))
        throw Error(ErrorKind::kUsage, Cat(name, " is given, which has no meaning for the task ", task));
    }
  }
}

void RequireSpanTask(const TaskFlags& flags, const Options& options) {
  const std::string& task = flags.options.name;
  if (task != "auto" && task != "squad")
    throw Error(ErrorKind::kUsage,
                Cat("--task ", task, " is given, but what is to be used was made for squad"));
  RefuseUnusedOptions(options, "squad");
}

void UseTaskOf(const TunedRun* run, TaskOptions* task) {
  if (run != nullptr && task->name == "auto") task->name = run->task;
}

void UseLengthOf(const TunedRun* run, const Options& options, WindowOptions* windows) {
  if (run != nullptr && !options.Given("--max-length")) windows->max_length = run->max_length;
}

void WarnOfOtherWidth(const TunedRun* run, int64_t hidden_size) {
  if (run == nullptr || run->hidden_size == hidden_size) return;
  LogWarning(Cat("--recipe ", run->name, " was tuned on a backbone of width ", run->hidden_size,
                 ", this one has ", hidden_size));
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
