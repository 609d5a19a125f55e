#include "train/tuned_runs.h"

#include <algorithm>

#include "base/strings.h"
#include "data/glue_tasks.h"

namespace bv {
namespace {

constexpr int64_t kBase = 768, kLarge = 1024;

// What a run has of its own; 0: its task's.
struct Own {
  int64_t width = 0;
  int32_t batch_size = 0;
  int32_t max_length = 0;
};

std::string Prefix(TunedSystem system) {
  return system == TunedSystem::kAp ? "paper-ap-" : "paper-";
}

std::string Suffix(int64_t hidden_size) {
  return hidden_size == kLarge ? "-large" : "-base";
}

TunedRun Tuned(TunedSystem system, const char* task, int64_t hidden_size, double learning_rate, uint64_t seed,
               Own own = {}) {
  const GlueRecipe& recipe = FindGlueTask(task).recipe;
  return {.name = Prefix(system) + task + Suffix(hidden_size),
          .system = system,
          .task = task,
          .hidden_size = hidden_size,
          .max_length = own.max_length > 0 ? own.max_length : recipe.max_length,
          .batch_size = own.batch_size > 0 ? own.batch_size : recipe.batch_size,
          .width = own.width,
          .learning_rate = learning_rate,
          .seed = seed};
}

std::vector<TunedRun> MakeTunedRuns() {
  constexpr TunedSystem bert = TunedSystem::kBert, ap = TunedSystem::kAp;
  return {
      Tuned(bert, "rte", kBase, 1.2220e-5, 600),
      Tuned(bert, "rte", kLarge, 8.3621e-6, 244),
      Tuned(bert, "mrpc", kBase, 2.4380e-5, 734),
      Tuned(bert, "mrpc", kLarge, 1.2771e-5, 158),
      Tuned(bert, "cola", kBase, 9.6296e-6, 441),
      Tuned(bert, "cola", kLarge, 9.4471e-6, 203),
      Tuned(bert, "sts-b", kBase, 1.86524e-5, 637),
      Tuned(bert, "sts-b", kLarge, 7.1099e-6, 701),
      Tuned(ap, "rte", kBase, 3.593259e-4, 926, {.width = 8}),
      Tuned(ap, "mrpc", kBase, 7.591459e-4, 926, {.width = 16, .batch_size = 16}),
      Tuned(ap, "qnli", kBase, 8.650654e-4, 1115, {.width = 32, .batch_size = 16, .max_length = 121}),
      Tuned(ap, "sst-2", kBase, 9.739885e-4, 1788, {.width = 32, .batch_size = 64}),
      Tuned(ap, "cola", kBase, 2.25972e-5, 563),
      Tuned(ap, "sts-b", kBase, 2.7762e-5, 260),
      Tuned(ap, "rte", kLarge, 1.2614e-5, 414),
      Tuned(ap, "mrpc", kLarge, 1.4399e-5, 465),
      Tuned(ap, "cola", kLarge, 2.99619e-5, 949),
      Tuned(ap, "sts-b", kLarge, 2.98363e-5, 131),
  };
}

}  // namespace

void TunedRun::RequireTask(const std::string& data_task) const {
  if (data_task == task) return;
  throw Error(ErrorKind::kUsage,
              Cat("--recipe ", name, " is a run of the task ", task, ", the data is of ", data_task));
}

void TunedRun::RequireLength(int32_t states_length) const {
  if (states_length == max_length) return;
  throw Error(ErrorKind::kUsage,
              Cat("--recipe ", name, " is a run on windows of ", max_length, " pieces, the states have ",
                  states_length, "; extract them with --max-length ", max_length));
}

const std::vector<TunedRun>& TunedRuns() {
  static const std::vector<TunedRun> runs = MakeTunedRuns();
  return runs;
}

const TunedRun* TunedRunOrNull(TunedSystem system, const std::string& name) {
  for (const TunedRun& run : TunedRuns()) {
    if (run.system == system && run.name == name) return &run;
  }
  return nullptr;
}

std::string TunedRunList(TunedSystem system) {
  std::vector<std::string> sizes;
  for (const int64_t size : {kBase, kLarge}) {
    std::vector<std::string> tasks;
    for (const TunedRun& run : TunedRuns()) {
      if (run.system == system && run.hidden_size == size) tasks.push_back(run.task);
    }
    sizes.push_back(Cat(Prefix(system), "TASK", Suffix(size), " of ", Join(tasks, ", ")));
  }
  return Join(sizes, "; ");
}

Error UnknownRecipe(const std::string& name, const std::vector<std::string>& plain, TunedSystem system) {
  std::vector<std::string> known = plain;
  for (const TunedRun& run : TunedRuns()) {
    if (run.system == system) known.push_back(run.name);
  }
  const std::string nearest = Join(Nearest(name, known), " or ");
  return {ErrorKind::kUsage, Cat("--recipe ", Quoted(name), " is unknown",
                                 nearest.empty() ? "" : Cat("; did you mean ", nearest, "?"), "; there are ",
                                 Join(plain, ", "), "; and tuned: ", TunedRunList(system))};
}

}  // namespace bv
