// bertvision report: runs side by side in one table.
#include <iostream>
#include <memory>

#include "base/file.h"
#include "cli/run_report.h"
#include "cli/verbs.h"

namespace bv::cli {
namespace {

struct ReportFlags {
  std::vector<fs::path> runs;
  fs::path out;
  std::string format = "text";
  bool json = false;
};

TableFormat Format(const std::string& name) {
  if (name == "markdown") return TableFormat::kMarkdown;
  if (name == "csv") return TableFormat::kCsv;
  return name == "latex" ? TableFormat::kLatex : TableFormat::kText;
}

void Report(const ReportFlags& flags) {
  const auto rows = CollectRuns(flags.runs);
  const std::string text =
      flags.json ? RunJson(rows).dump(2) + "\n" : RunTable(rows).Print(Format(flags.format));
  if (flags.out.empty()) {
    std::cout << text;
  } else {
    WriteFileAtomically(flags.out, text);
  }
}

}  // namespace

Action DeclareReport(Options& options) {
  auto flags = std::make_shared<ReportFlags>();
  options
      .Paths("--runs", &flags->runs,
             "runs of finetune, train, ensemble and eval --out, or folders of such runs")
      .Required()
      .Shown("FOLDER,…");
  options.Choice("--format", &flags->format, {"text", "markdown", "csv", "latex"}, "of the table");
  options.Path("--out", &flags->out, "write it there instead of to stdout").Shown("FILE");
  options.Json(&flags->json);
  options.Note(
      "Example: bertvision report --runs runs/finetune,runs/heads-0.3,runs/heads-1 --format markdown");
  return [flags] { Report(*flags); };
}

}  // namespace bv::cli
