#include "cli/study_display.h"

#include "base/file.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/study_run.h"
#include "report/table.h"

namespace bv::cli {
namespace {

using study::Cost;
using study::Step;
using study::StepKind;
using study::StepState;

constexpr size_t kCommandShown = 240;  // bytes of a command in a heading; --commands has the whole

const char* StateText(StepState state) {
  switch (state) {
    case StepState::kDone:
      return "done";
    case StepState::kOpen:
      return "to do";
    case StepState::kChanged:
      return "again, changed";
    case StepState::kMoreHeads:
      return "more heads";
    case StepState::kAgain:
      break;
  }
  return "again, was deleted";
}

std::string About(double seconds) {
  return seconds > 0 ? HumanSeconds(seconds) : "";
}

std::string What(const Step& step) {
  if (step.heads.empty()) return step.name;
  return Cat(step.name, " (", step.heads.size(), step.heads.size() == 1 ? " head)" : " heads)");
}

struct Sums {
  size_t open = 0, changed = 0;
  double seconds = 0;
  int64_t bytes = 0;
};

Sums SumsOf(const StudyRun& study) {
  Sums sums;
  const std::vector<Cost> costs = study.costs();
  for (size_t i = 0; i < study.steps().size(); ++i) {
    if (study.states()[i] == StepState::kDone) continue;
    ++sums.open;
    sums.changed += study.states()[i] == StepState::kChanged;
    if (costs.empty()) continue;
    sums.seconds += costs[i].seconds;
    sums.bytes += costs[i].bytes;
  }
  return sums;
}

std::string Summary(const StudyRun& study) {
  const Sums sums = SumsOf(study);
  const size_t all = study.steps().size();
  if (sums.open == 0) return Cat("All ", all, " steps are done.\n");
  std::string text = Cat(all, " steps, ", all - sums.open, " done");
  if (sums.changed > 0)
    text += Cat(", ", sums.changed, " to be made again since the plan or its data changed");
  text += Cat("; about ", HumanSeconds(sums.seconds), " and ", HumanBytes(sums.bytes), " of disk to go");
  const int64_t there = FreeDiskBytes(study.plan().out);
  text += Cat(" (", HumanBytes(there), " are free)\n");
  if (study.plan().delete_stores)
    text += "Stores are deleted once nothing needs them, so less is in use at a time.\n";
  if (sums.bytes > there && !study.plan().delete_stores)
    text +=
        "That does not fit: delete-stores = true in the plan, or fewer checkpoints or layers, would help.\n";
  return text;
}

}  // namespace

std::string StudyOverview(const StudyRun& study) {
  Table table({{"step", Align::kLeft}, {"", Align::kLeft}, {"about"}, {"disk"}});
  const std::vector<Cost> costs = study.costs();
  size_t experiment = 0;
  for (size_t i = 0; i < study.steps().size(); ++i) {
    const Step& step = study.steps()[i];
    if (step.experiment != experiment) table.AddRule();
    experiment = step.experiment;
    const bool done = study.states()[i] == StepState::kDone;
    const Cost cost = costs.empty() ? Cost{} : costs[i];
    table.AddRow({What(step), StateText(study.states()[i]),
                  done ? Cat("took ", HumanSeconds(study.SecondsOf(i))) : About(cost.seconds),
                  cost.bytes > 0 ? HumanBytes(cost.bytes) : ""});
  }
  std::string text = Cat(study.plan().title, "\n\n", table.Print(TableFormat::kText), "\n", Summary(study));
  if (const auto left = study.left_over(); !left.empty())
    text += Cat("Not in the plan any more, and left alone: ", Join(left, ", "), "\n");
  return text;
}

std::string StudyCommands(const std::vector<study::Step>& steps) {
  std::string text;
  for (const Step& step : steps) text += study::ShellCommand(step.Command()) + "\n";
  return text;
}

OrderedJson StudyJson(const StudyRun& study) {
  OrderedJson steps = OrderedJson::array();
  const std::vector<Cost> costs = study.costs();
  for (size_t i = 0; i < study.steps().size(); ++i) {
    OrderedJson one = {{"step", study.steps()[i].name},
                       {"state", StateText(study.states()[i])},
                       {"command", study.steps()[i].Command()}};
    if (study.states()[i] == StepState::kDone) one["seconds"] = study.SecondsOf(i);
    if (!costs.empty()) {
      one["forecast_seconds"] = costs[i].seconds;
      one["forecast_bytes"] = costs[i].bytes;
    }
    steps.push_back(std::move(one));
  }
  return {{"title", study.plan().title}, {"out", study.plan().out.string()}, {"steps", steps}};
}

void ShowStep(const StudyRun& study, size_t number) {
  const Step& step = study.steps()[number];
  const std::vector<Cost> costs = study.costs();
  const double seconds = costs.empty() ? 0 : costs[number].seconds;
  LogInfo(Cat("[", number + 1, "/", study.steps().size(), "] ", What(step),
              seconds > 0 ? Cat(", about ", HumanSeconds(seconds)) : ""));
  std::string command = study::ShellCommand(step.Command());
  if (command.size() > kCommandShown) {
    size_t end = kCommandShown;
    while (end > 0 && (command[end] & 0xC0) == 0x80) --end;  // no character is cut in two
    command = command.substr(0, end) + " …";
  }
  LogInfo("$ " + command);
}

std::string StudyResults(const StudyRun& study) {
  std::string text;
  for (size_t i = 0; i < study.steps().size(); ++i) {
    const Step& step = study.steps()[i];
    if (step.kind != StepKind::kReport) continue;
    const std::string& name = study.plan().experiments[step.experiment].name;
    text += Cat(text.empty() ? "" : "\n", name, "\n\n", study.OutputOf(i), "\n",
                (study.plan().out / step.name / "report.html").string(), " has charts and answers.\n");
  }
  return text;
}

}  // namespace bv::cli
