// bertvision study: a whole experiment from one plan.
#include <iostream>
#include <memory>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/study_display.h"
#include "cli/study_run.h"
#include "cli/verbs.h"

namespace bv::cli {
namespace {

struct StudyFlags {
  fs::path plan, out;
  int32_t threads = 0;
  bool dry_run = false, commands = false, json = false;
};

study::Plan PlanOf(const StudyFlags& flags) {
  study::Plan plan = study::ReadPlan(flags.plan);
  if (!flags.out.empty()) plan.out = flags.out;
  if (plan.out.empty())
    throw Error(ErrorKind::kUsage, Cat(flags.plan.string(), " names no folder: out = \"…\" in it, or --out"));
  // Lists of runs are given to other verbs with commas between them.
  if (plan.out.string().find(',') != std::string::npos)
    throw Error(ErrorKind::kUsage,
                Cat("the study's folder ", Quoted(plan.out.string()), " has a comma in its name"));
  return plan;
}

void Study(const StudyFlags& flags) {
  study::Plan plan = PlanOf(flags);
  std::vector<study::Step> steps = CheckedSteps(plan);
  if (flags.commands) {
    std::cout << StudyCommands(steps);
    return;
  }
  StudyRun study(std::move(plan), std::move(steps), {flags.threads, CurrentLogLevel() < LogLevel::kInfo});
  study.MakeForecast();
  if (!flags.dry_run) {
    if (CurrentLogLevel() >= LogLevel::kInfo) std::cerr << StudyOverview(study) << std::flush;
    study.Run();
  }
  if (flags.json) {
    std::cout << StudyJson(study).dump(2) << "\n";
  } else {
    std::cout << (flags.dry_run ? StudyOverview(study) : StudyResults(study));
  }
}

}  // namespace

Action DeclareStudy(Options& options) {
  auto flags = std::make_shared<StudyFlags>();
  options.Argument("PLAN", &flags->plan, "TOML file: backbone, data, checkpoints, heads, seeds, analyses");
  options.Path("--out", &flags->out, "where everything goes, instead of the plan's own").Shown("FOLDER");
  options.Flag("--dry-run", &flags->dry_run, "only say what there is to do, with forecasts of time and disk");
  options.Flag("--commands", &flags->commands, "only print the command of every step");
  options.Threads(&flags->threads);
  options.Json(&flags->json);
  options.Note(
      "A re-run goes on where the last one ended, and after a change of the plan makes again what it "
      "touches.\n"
      "What stands in a plan: docs/studies.md; plans/ has some.\n"
      "Example: bertvision study plans/demo.toml");
  return [flags] { Study(*flags); };
}

}  // namespace bv::cli
