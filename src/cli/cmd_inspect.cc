// bertvision inspect: what a file or folder is, in a screenful.
#include <iostream>
#include <memory>

#include "base/error.h"
#include "base/model_folder.h"
#include "base/parallel.h"
#include "base/strings.h"
#include "cli/data_report.h"
#include "cli/span_options.h"
#include "cli/store_report.h"
#include "cli/verbs.h"

namespace bv::cli {
namespace {

struct InspectOptions {
  fs::path path;
  std::string model = "minilm";
  WindowFlags windows;
  int32_t threads = 0;
  bool skip_bad_answers = false, json = false;
};

void InspectData(const InspectOptions& values, const Options& options) {
  const WindowOptions windows = values.windows.Value(options);
  const bool lines = values.path == "-" || values.path.extension() == ".jsonl";
  const QaData data = lines ? ReadQaJsonl(values.path)
                            : ReadSquad(values.path, {.skip_bad_answers = values.skip_bad_answers});
  const auto tokenizer = Tokenizer::Load(FindModelFolder(values.model));
  const int threads = values.threads > 0 ? values.threads : DefaultThreads();
  const DataReport report = MakeDataReport(tokenizer, data, windows, threads);
  if (values.json) {
    std::cout << DataReportJson(report).dump(2, ' ', false, OrderedJson::error_handler_t::replace) << "\n";
  } else {
    std::cout << DataReportText(report);
  }
}

void InspectStore(const InspectOptions& values) {
  const StoreIndex index = ReadStoreIndex(values.path);
  const std::string folder = values.path.string();
  if (values.json) {
    std::cout << StoreReportJson(folder, index).dump(2, ' ', false, OrderedJson::error_handler_t::replace)
              << "\n";
  } else {
    std::cout << StoreReportText(folder, index);
  }
}

// One branch for each kind of thing.
void Inspect(const InspectOptions& values, const Options& options) {
  if (!fs::is_directory(values.path)) return InspectData(values, options);
  if (fs::exists(values.path / kIndexFile) || fs::exists(values.path / kJournalFile))
    return InspectStore(values);
  throw Error(ErrorKind::kUnsupported,
              Cat(values.path.string(), " is a folder without ", kIndexFile,
                  "; inspect reads stores and data files: SQuAD JSON, or JSONL of questions"));
}

}  // namespace

Action DeclareInspect(Options& options) {
  auto values = std::make_shared<InspectOptions>();
  options
      .DataFile("PATH", &values->path,
                "a data file (SQuAD 1.1 or 2.0, or JSONL of questions; '-': stdin), or a store")
      .Shown("PATH")
      .Required();
  options
      .Text("--model", &values->model,
            "whose tokenizer counts: a Hugging Face folder, a cached hub name, or minilm")
      .Shown("MODEL");
  values->windows.Declare(options);
  options.Flag("--skip-bad-answers", &values->skip_bad_answers,
               "drop gold answers that are not in their context");
  options.Threads(&values->threads);
  options.Json(&values->json);
  options.Note(
      "Example: bertvision inspect train.json --max-length 384 --doc-stride 128\n"
      "     or: bertvision inspect squad2/train --windows paper");
  return [values, &options] { Inspect(*values, options); };
}

}  // namespace bv::cli
