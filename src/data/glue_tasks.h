// The nine tasks of the GLUE benchmark: one table of their files' columns, labels, metrics and of the recipes
// that the BERTVision study used (spec section F), and the reader of their official files. The table is
// constant: safe from any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/text_data.h"

namespace bv {

// What the study fine-tuned with.
struct GlueRecipe {
  int32_t max_length;  // pieces of a window
  int32_t batch_size;
  double learning_rate;
  std::string best = "accuracy";  // of the dev scores, which checkpoint was kept; "loss": the lowest
  int64_t patience = 0;           // evaluations without a better one that ended the training; 0: none did
};

struct GlueTask {
  std::string name;                      // "rte"
  std::vector<std::string> aliases;      // other names it is known by
  TextColumns columns;                   // of the official files; id: "" where they have none
  std::vector<std::string> label_names;  // as the files write them, by index; none in regression
  std::vector<std::string> metrics;      // the one to report first; F1's positive class is index 1
  GlueRecipe recipe;

  bool pair() const { return !columns.text_b.empty(); }
  bool regression() const { return label_names.empty(); }
};

// In the order of the benchmark's papers.
const std::vector<GlueTask>& GlueTasks();

// By name or alias; upper case and underscores do not matter ("SST_2"). Errors (kUsage): an unknown name,
// with those that there are.
const GlueTask& FindGlueTask(std::string_view name);
// Null for a name that is none.
const GlueTask* GlueTaskOrNull(std::string_view name);

// An official file: train, dev, or a test file without labels (with labels kIfPresent or kIgnored). Fields
// are never quoted, columns are found by name; only CoLA's train and dev files have no header. The id is the
// file's index where there is one, else the line number. Rows of MNLI without a gold label ("-") are dropped,
// and so are QQP's few broken rows, each with a warning that counts them. Errors: as ReadTextData.
TextData ReadGlue(const GlueTask& task, const std::filesystem::path& path,
                  LabelUse labels = LabelUse::kRequired);

}  // namespace bv
