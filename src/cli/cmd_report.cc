// bertvision report: runs side by side in a table, and on a page with charts and answers.
#include <iostream>
#include <memory>
#include <random>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/run_report.h"
#include "cli/verbs.h"
#include "report/html_page.h"
#include "run/run_folder.h"

namespace bv::cli {
namespace {

struct ReportFlags {
  std::vector<fs::path> runs;
  fs::path out, data;
  std::string format = "text";
  int64_t resamples = BootstrapOptions().resamples, seed = 0, answers = BrowserOptions().questions;
  bool single_runs = false, json = false;
};

enum class Target { kTerminal, kTableFile, kPageFile, kFolder };

Target TargetOf(const fs::path& out) {
  if (out.empty()) return Target::kTerminal;
  if (fs::is_directory(out)) return Target::kFolder;
  const std::string ending = out.extension().string();
  if (ending == ".html") return Target::kPageFile;
  for (const char* table : {".md", ".csv", ".tex", ".txt", ".json"}) {
    if (ending == table) return Target::kTableFile;
  }
  return Target::kFolder;
}

// The page's scripts carry it; whoever wrote the texts in the page cannot know it.
std::string Nonce() {
  std::random_device source;
  return Hex((uint64_t{source()} << 32) | source()) + Hex((uint64_t{source()} << 32) | source());
}

void WritePage(const fs::path& file, std::vector<ReportSystem> systems, const ReportFlags& flags) {
  AddLayerWeights(&systems);
  PageOptions options;
  options.data = flags.data;
  options.bootstrap = {.resamples = flags.resamples, .seed = static_cast<uint64_t>(flags.seed)};
  options.browser.questions = flags.answers;
  options.gather_seeds = !flags.single_runs;
  options.made = UtcNow();
  options.nonce = Nonce();
  const std::string page = HtmlPage(std::move(systems), options);
  WriteFileAtomically(file, page);
  LogInfo(Cat(file.string(), ": ", HumanBytes(std::ssize(page))));
}

void WriteFolder(const std::vector<ReportSystem>& systems, const Table& table, const ReportFlags& flags) {
  MakeFolder(flags.out);
  WriteFileAtomically(flags.out / "report.md", table.Print(TableFormat::kMarkdown));
  WriteFileAtomically(flags.out / "report.csv", table.Print(TableFormat::kCsv));
  WriteFileAtomically(flags.out / "report.tex", table.Print(TableFormat::kLatex));
  WriteJsonFile(flags.out / "report.json", RunJson(systems));
  WritePage(flags.out / "report.html", systems, flags);
}

void CheckUsage(const ReportFlags& flags, const Options& options, Target target) {
  if (target == Target::kFolder || target == Target::kPageFile) return;
  for (const char* name : {"--data", "--answers", "--resamples", "--seed"}) {
    if (options.Given(name)) {
      throw Error(
          ErrorKind::kUsage,
          Cat(name, " is for the page, which needs --out with a folder or a name ending in .html; it is ",
              flags.out.empty() ? "not given" : Quoted(flags.out.string())));
    }
  }
}

void Report(const ReportFlags& flags, const Options& options) {
  const Target target = TargetOf(flags.out);
  CheckUsage(flags, options, target);
  if (flags.runs.empty())
    throw Error(ErrorKind::kUsage, "--runs names no folder; give runs, or folders of runs");
  const auto systems = CollectRuns(flags.runs);
  if (target == Target::kPageFile) return WritePage(flags.out, systems, flags);
  const Table table = RunTable(RowsOf(systems, !flags.single_runs));
  const std::string text =
      flags.json ? RunJson(systems).dump(2) + "\n" : table.Print(ParseTableFormat(flags.format));
  if (target == Target::kTableFile) return WriteFileAtomically(flags.out, text);
  if (target == Target::kFolder) WriteFolder(systems, table, flags);
  std::cout << text;
}

}  // namespace

Action DeclareReport(Options& options) {
  auto flags = std::make_shared<ReportFlags>();
  options
      .Paths("--runs", &flags->runs,
             "runs of finetune, train, ensemble and eval --out, or folders of such runs")
      .Required()
      .Shown("FOLDER,…");
  options.Flag("--single-runs", &flags->single_runs,
               "a line for each run; else runs that differ only by seed share one: mean and lowest..highest");
  options.Choice("--format", &flags->format, TableFormatNames(), "of the table");
  options
      .Path("--out", &flags->out,
            "a folder for report.html and the table in every format; or a file: .html is the page, .md, "
            ".csv, .tex, .txt and .json the table instead of on stdout")
      .Shown("FOLDER");
  options
      .Path("--data", &flags->data,
            "the dev data, for intervals and answers, where the runs do not lead to it")
      .Shown("FILE");
  options.Integer("--answers", &flags->answers, 0, 100'000,
                  "questions in the page's answers browser; 0: none");
  options.Integer("--resamples", &flags->resamples, 0, 1'000'000,
                  "of the page's bootstrap intervals; 0: no intervals");
  options.Integer("--seed", &flags->seed, 0, kNoLimit, "of the bootstrap");
  options.Json(&flags->json);
  options.Note(
      "Example: bertvision report --runs runs/finetune,runs/heads-0.3,runs/heads-1 --out runs/report");
  return [flags, &options] { Report(*flags, options); };
}

}  // namespace bv::cli
