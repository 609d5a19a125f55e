// Options of the verbs that read data of any task: which task a file is for, and where its texts and labels
// stand. They read and mean the same in each of these verbs.
#pragma once

#include <string>

#include "cli/options.h"
#include "data/task.h"
#include "features/windows.h"
#include "train/tuned_runs.h"

namespace bv::cli {

struct TaskFlags {
  TaskOptions options;

  // --task, --text-column, --pair-column, --label-column, --with-context, --skip-bad-answers,
  // --skip-bad-rows.
  void Declare(Options& declared);
};

// Throws kUsage if an option is given that the task (a name of TaskNames, not auto) has no use for: it would
// be passed over silently.
void RefuseUnusedOptions(const Options& options, const std::string& task);

// For runs and files of spans: no other --task, and nothing that only other tasks use. Throws kUsage.
void RequireSpanTask(const TaskFlags& flags, const Options& options);

// What a tuned run of the study says of task and windows, where the user does not; a warning where the
// backbone is not as wide as the one it was tuned on. Null: nothing.
void UseTaskOf(const TunedRun* run, TaskOptions* task);
void UseLengthOf(const TunedRun* run, const Options& options, WindowOptions* windows);
void WarnOfOtherWidth(const TunedRun* run, int64_t hidden_size);

// The window options as declared, but the task's own length where it has one (spec section F) and the user
// gave none.
WindowOptions TaskWindowOptions(const Options& options, const WindowOptions& windows,
                                const std::string& task_name);

}  // namespace bv::cli
