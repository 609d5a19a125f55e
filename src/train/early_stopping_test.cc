// Fine-tuning with dev data: what is best, when it stops by itself, and a stop in the middle of an
// evaluation.
#include <gmock/gmock.h>

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/testing.h"
#include "text/tokenizer.h"
#include "train/finetune_run.h"

namespace bv {
namespace {

using testing::ElementsAre;

const fs::path kModel = fs::path(BERTVISION_SOURCE_DIR) / "tests/fixtures/bert/qa";

// Questions whose answers are one word of the context; the last has none.
QaData Questions() {
  QaData data;
  const std::vector<std::pair<std::string, std::string>> contexts = {
      {"the river was in the city", "river"},
      {"the king is in the tower of the city", "tower"},
      {"what a year the bridge was in", "year"},
      {"when the king was in the river", ""}};
  for (const auto& [context, answer] : contexts) {
    QaExample example;
    example.id = context;
    example.question = "where is the king";
    example.context = static_cast<int32_t>(data.contexts.size());
    example.impossible = answer.empty();
    if (!answer.empty()) example.answers = {{answer, static_cast<int64_t>(context.find(answer))}};
    data.contexts.push_back(context);
    data.examples.push_back(std::move(example));
  }
  SummariseAnswers(&data);
  return data;
}

class Observer : public FineTuneObserver {
 public:
  // Asks for a stop during this evaluation, counted from 1; 0: never.
  explicit Observer(int64_t evaluation = 0) : evaluation_(evaluation) {}
  void OnResume(int64_t step) override { resumed = step; }
  void OnStep(int64_t, int64_t, double, const FineTuneStep&) override { ++steps; }
  void OnEvaluating(int64_t, int64_t) override { ++evaluations_; }
  void OnPoint(const FineTunePoint&) override {}
  bool StopRequested() override { return evaluation_ > 0 && evaluations_ >= evaluation_; }
  std::optional<int64_t> resumed;
  int64_t steps = 0;

 private:
  int64_t evaluation_, evaluations_ = 0;
};

class EarlyStopping : public testing::Test {
 protected:
  EarlyStopping() {
    examples_.questions = Questions();
    data_.dev = &examples_;
    data_.train = data_.dev_windows =
        CutTaskWindows(Tokenizer::Load(kModel), examples_, {.max_length = 24, .doc_stride = 4}, 1);
    options_.training.epochs = 4;
    options_.training.batch_size = 2;
    options_.training.lr = 1e-3;
    options_.checkpoints = {1, 2, 3};
  }

  FineTuneSummary Run(const test::ScratchFolder& folder, Observer* observer) const {
    BertWeights weights = LoadBert(kModel);
    return RunFineTuning(folder.path(), &weights, Task{}, data_, options_, observer);
  }

  TaskExamples examples_;
  FineTuneData data_;
  FineTuneRunOptions options_;
};

std::vector<std::string> Folders(const FineTuneSummary& summary) {
  std::vector<std::string> names;
  for (const auto& point : summary.points) names.push_back(point.folder);
  return names;
}

double Value(const FineTunePoint& point, const std::string& name) {
  for (const auto& [key, value] : point.metrics) {
    if (key == name) return value;
  }
  ADD_FAILURE() << point.folder << " has no " << name;
  return 0;
}

TEST_F(EarlyStopping, EndsAfterAsManyEvaluationsWithoutABetterMetricAsPatienceAllows) {
  options_.training.lr = 1e-20;  // changes no weight in fp32, so no evaluation is better than the first
  for (const auto* metric : {"f1", "exact", "best_f1", "loss"}) {
    for (const int64_t patience : {0, 1, 2}) {
      const test::ScratchFolder folder;
      options_.metric = metric;
      options_.patience = patience;
      Observer observer;
      const FineTuneSummary summary = Run(folder, &observer);
      EXPECT_EQ(summary.stopped_early, patience > 0) << metric;
      EXPECT_EQ(summary.points.size(), patience == 0 ? 4U : static_cast<size_t>(patience) + 1) << metric;
      EXPECT_EQ(observer.steps, 2 * static_cast<int64_t>(summary.points.size()));
      EXPECT_EQ(summary.best, "epoch-1") << metric;
      EXPECT_EQ(ReadTrainerState(folder / "trainer_state.json").best_model_checkpoint, "epoch-1");
    }
  }
}

TEST_F(EarlyStopping, TheMetricDecidesWhatIsBest) {
  const auto better = [](const std::string& metric) {
    return [metric](const FineTunePoint& a, const FineTunePoint& b) {
      return metric == "loss" ? Value(a, metric) > Value(b, metric) : Value(a, metric) < Value(b, metric);
    };
  };
  for (const std::string metric : {"f1", "loss"}) {
    const test::ScratchFolder folder;
    options_.metric = metric;
    Observer observer;
    const FineTuneSummary summary = Run(folder, &observer);
    ASSERT_THAT(Folders(summary), ElementsAre("epoch-1", "epoch-2", "epoch-3", "epoch-4"));
    const auto best = std::max_element(summary.points.begin(), summary.points.end(), better(metric));
    EXPECT_EQ(summary.best, best->folder);
    const Json results = ReadJsonFile(folder / "eval_results.json");
    EXPECT_EQ(results, ReadJsonFile(folder / summary.best / "eval_results.json")) << metric;
    // Trained on the dev data itself, the loss falls, so the last is best and the first is not.
    if (metric == "loss") {
      EXPECT_EQ(summary.best, "epoch-4");
    }
  }
}

TEST_F(EarlyStopping, ALossThatFallsIsNeverAReasonToStop) {
  const test::ScratchFolder folder;
  options_.metric = "loss";
  options_.patience = 1;
  Observer observer;
  const FineTuneSummary summary = Run(folder, &observer);
  EXPECT_FALSE(summary.stopped_early);
  EXPECT_EQ(summary.points.size(), 4U);
}

TEST_F(EarlyStopping, ARunStoppedInTheMiddleOfAnEvaluationEndsAsAnUninterruptedOne) {
  options_.metric = "f1";
  options_.patience = 2;
  const test::ScratchFolder whole;
  Observer never;
  const FineTuneSummary wanted = Run(whole, &never);
  for (size_t stop = 1; stop <= wanted.points.size(); ++stop) {
    const test::ScratchFolder folder;
    Observer stopping(static_cast<int64_t>(stop)), going_on;
    try {
      Run(folder, &stopping);
      FAIL() << "evaluation " << stop << " was not stopped";
    } catch (const Error& error) {
      ASSERT_EQ(error.kind(), ErrorKind::kInterrupted);
    }
    const FineTunePoint& point = wanted.points[stop - 1];
    EXPECT_FALSE(fs::exists(folder / point.folder)) << "an evaluation that has not ended leaves no folder";
    const FineTuneSummary summary = Run(folder, &going_on);
    EXPECT_EQ(going_on.resumed, point.step);
    EXPECT_EQ(going_on.steps, wanted.points.back().step - point.step);
    EXPECT_EQ(Folders(summary), Folders(wanted));
    EXPECT_EQ(summary.best, wanted.best);
    EXPECT_EQ(summary.stopped_early, wanted.stopped_early);
    for (const auto& name : Folders(wanted)) {
      for (const auto* file : {"model.safetensors", "predictions.json", "null_odds.json"}) {
        EXPECT_EQ(ReadFile(folder / name / file), ReadFile(whole / name / file)) << name << "/" << file;
      }
    }
  }
}

// A kill between the last checkpoint and the end of the run.
TEST_F(EarlyStopping, ARunThatHadStoppedByItselfDoesNotGoOnWhenResumed) {
  options_.training.lr = 1e-20;
  options_.patience = 1;
  const test::ScratchFolder folder;
  Observer first, second;
  const FineTuneSummary wanted = Run(folder, &first);
  const FineTuneSummary summary = Run(folder, &second);
  EXPECT_EQ(second.steps, 0);
  EXPECT_TRUE(summary.stopped_early);
  EXPECT_EQ(Folders(summary), Folders(wanted));
}

}  // namespace
}  // namespace bv
