#include "cli/data_report.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/strings.h"
#include "features/window_json.h"
#include "report/table.h"

namespace bv::cli {
namespace {

constexpr std::array<double, 6> kPercents = {0, 50, 90, 98, 99, 100};
constexpr std::array<const char*, 6> kPercentNames = {"min", "median", "90 %", "98 %", "99 %", "max"};
constexpr std::array<const char*, 6> kPercentKeys = {"min", "p50", "p90", "p98", "p99", "max"};

// How many examples have more than one window.
int64_t Several(const WindowStatistics& windows) {
  const auto& counts = windows.windows_per_example;
  return std::count_if(counts.begin(), counts.end(), [](int32_t count) { return count > 1; });
}

// How many examples have 1, 2, … windows.
std::vector<int64_t> ByWindows(const WindowStatistics& windows) {
  std::vector<int64_t> counts;
  for (const int32_t count : windows.windows_per_example) {
    if (static_cast<size_t>(count) > counts.size()) counts.resize(static_cast<size_t>(count));
    ++counts[static_cast<size_t>(count) - 1];
  }
  return counts;
}

std::string ByWindowsText(const WindowStatistics& windows) {
  std::vector<std::string> parts;
  for (const int64_t count : ByWindows(windows)) parts.push_back(Thousands(count));
  return Join(parts, "  ");
}

// Of question, context, [CLS] and both [SEP].
std::vector<int32_t> UncutLengths(const WindowStatistics& windows) {
  std::vector<int32_t> lengths;
  for (size_t i = 0; i < windows.question_lengths.size(); ++i)
    lengths.push_back(windows.question_lengths[i] + windows.context_lengths[i] + 3);
  return lengths;
}

std::string OptionsText(const WindowOptions& options) {
  if (options.rule == WindowRule::kHf)
    return Cat("--max-length ", options.max_length, " --doc-stride ", options.doc_stride);
  return Cat("--windows paper --max-length ", options.max_length, " --advance ", options.doc_stride,
             " --question-limit ", options.question_limit);
}

double Mean(const std::vector<int32_t>& values) {
  if (values.empty()) return 0;
  return static_cast<double>(std::accumulate(values.begin(), values.end(), int64_t{0})) /
         static_cast<double>(values.size());
}

std::string Kind(const DataReport& report) {
  if (!report.has_answers) return "questions, not all with gold answers";
  return report.has_impossible ? "SQuAD 2.0 questions" : "SQuAD 1.1 questions";
}

void AddLengths(const std::string& title, const std::vector<int32_t>& lengths, Table* table) {
  std::vector<Cell> row = {title, Mean(lengths)};
  for (const double percent : kPercents) row.emplace_back(int64_t{Percentile(lengths, percent)});
  table->AddRow(std::move(row));
}

OrderedJson LengthsJson(const std::vector<int32_t>& lengths) {
  OrderedJson json = {{"mean", Mean(lengths)}};
  for (size_t i = 0; i < kPercents.size(); ++i) json[kPercentKeys[i]] = Percentile(lengths, kPercents[i]);
  return json;
}

}  // namespace

DataReport MakeDataReport(const Tokenizer& tokenizer, const QaData& data, const WindowOptions& options,
                          int threads) {
  DataReport report{.file = data.file,
                    .has_impossible = data.has_impossible,
                    .has_answers = data.has_answers,
                    .examples = static_cast<int64_t>(data.examples.size()),
                    .contexts = static_cast<int64_t>(data.contexts.size()),
                    .options = options,
                    .windows = {}};
  if (options.rule == WindowRule::kPaper) {
    const PaperWindowOptions paper = {.max_length = options.max_length,
                                      .doc_stride = options.doc_stride,
                                      .question_limit = options.question_limit,
                                      .labels = true};
    MakePaperWindows(tokenizer, data, paper, threads, &report.windows);
  } else {
    MakeWindows(tokenizer, data, options, threads, &report.windows);
  }
  return report;
}

std::string DataReportText(const DataReport& report) {
  const PaperWindowStatistics& w = report.windows;
  const bool paper = report.options.rule == WindowRule::kPaper;
  const auto windows = static_cast<int64_t>(w.window_lengths.size());
  Table counts({{report.file + ": " + Kind(report), Align::kLeft}, {"", Align::kRight}});
  counts.AddRow({"questions", report.examples});
  counts.AddRow({"  with an answer", w.answerable});
  counts.AddRow({"  without one, by the file", w.impossible});
  counts.AddRow({"contexts", report.contexts});
  counts.AddRow({"windows, " + OptionsText(report.options), windows});
  if (paper) {
    counts.AddRow({"  for training", windows - w.dropped_windows});
    counts.AddRow({"  questions that training leaves out: the answer was not found", w.dropped});
    counts.AddRow({"  questions that are cut off", w.cut_questions});
  }
  counts.AddRow({"  questions with several", Several(w)});
  counts.AddRow({"  questions with 1, 2, … windows", ByWindowsText(w)});
  counts.AddRow({"pieces of all windows", w.tokens});
  counts.AddRow({"labels lost: the answer lies whole in no window", w.lost_labels});

  std::vector<Column> columns = {{"pieces", Align::kLeft}, {"mean", Align::kRight, 1}};
  for (const char* name : kPercentNames) columns.push_back({name});
  Table lengths(std::move(columns));
  AddLengths("question", w.question_lengths, &lengths);
  AddLengths("context", w.context_lengths, &lengths);
  AddLengths("window", w.window_lengths, &lengths);
  AddLengths("window, were it not cut", UncutLengths(w), &lengths);
  return counts.Print(TableFormat::kText) + "\n" + lengths.Print(TableFormat::kText);
}

OrderedJson DataReportJson(const DataReport& report) {
  const PaperWindowStatistics& w = report.windows;
  OrderedJson json = {{"kind", "data"},
                      {"file", report.file},
                      {"questions", report.examples},
                      {"answerable", w.answerable},
                      {"impossible", w.impossible},
                      {"contexts", report.contexts}};
  AddWindowOptions(report.options, &json);
  json["windows"] = w.window_lengths.size();
  if (report.options.rule == WindowRule::kPaper) {
    json["training_windows"] = static_cast<int64_t>(w.window_lengths.size()) - w.dropped_windows;
    json["dropped_questions"] = w.dropped;
    json["cut_questions"] = w.cut_questions;
  }
  json["questions_with_several_windows"] = Several(w);
  json["questions_by_windows"] = ByWindows(w);
  json["tokens"] = w.tokens;
  json["lost_labels"] = w.lost_labels;
  json["question_length"] = LengthsJson(w.question_lengths);
  json["context_length"] = LengthsJson(w.context_lengths);
  json["window_length"] = LengthsJson(w.window_lengths);
  json["uncut_length"] = LengthsJson(UncutLengths(w));
  return json;
}

}  // namespace bv::cli
