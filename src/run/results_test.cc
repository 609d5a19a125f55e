#include "run/results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/testing.h"
#include "run/trainer_state.h"

namespace bv {
namespace {

TEST(Results, PrefixNamesAndMergeSplits) {
  const test::ScratchFolder scratch;
  WriteResults(scratch.path(), "train", {{"loss", 0.5}, {"epoch", 2}});
  WriteResults(scratch.path(), "eval", {{"f1", 70}, {"stale", 1}});
  WriteResults(scratch.path(), "eval", {{"f1", 71.25}, {"eval_samples", 1234567}, {"thresh", std::nan("")}});
  EXPECT_EQ(ReadFile(scratch / "eval_results.json"),
            "{\n  \"eval_f1\": 71.25,\n  \"eval_samples\": 1234567,\n  \"eval_thresh\": null\n}\n");
  EXPECT_EQ(ReadJsonFile(scratch / "all_results.json"),
            Json::parse(R"({"train_loss":0.5,"train_epoch":2,"eval_f1":71.25,"eval_samples":1234567,
                            "eval_thresh":null})"));
  const Metrics read = ReadResults(scratch / "eval_results.json");
  ASSERT_EQ(read.size(), 3u);
  EXPECT_EQ(read[0], std::make_pair(std::string("eval_f1"), 71.25));
  EXPECT_TRUE(std::isnan(read[2].second));
}

TEST(Results, RefuseWhatIsNoNumber) {
  const test::ScratchFolder scratch;
  for (const char* bad : {"[1]", "{\"eval_f1\": \"high\"}", "{\"a\": {}}", "{"}) {
    WriteFileAtomically(scratch / "r.json", bad);
    EXPECT_THROW(ReadResults(scratch / "r.json"), Error) << bad;
  }
}

TEST(TrainerState, ReadsBackWhatItWrote) {
  const test::ScratchFolder scratch;
  TrainerState state;
  state.epoch = 0.3;
  state.global_step = 30;
  state.max_steps = 100;
  state.num_train_epochs = 1;
  state.train_batch_size = 16;
  state.best_metric = 50.5;
  state.best_model_checkpoint = "epoch-0.3";
  state.log_history = {{0.1, 10, {{"loss", 2.5}, {"learning_rate", 1e-4}}}, {0.3, 30, {{"eval_f1", 50.5}}}};
  WriteTrainerState(scratch / "trainer_state.json", state);
  const TrainerState read = ReadTrainerState(scratch / "trainer_state.json");
  EXPECT_EQ(read.global_step, 30);
  EXPECT_EQ(read.max_steps, 100);
  EXPECT_EQ(read.best_metric, 50.5);
  EXPECT_EQ(read.best_model_checkpoint, "epoch-0.3");
  ASSERT_EQ(read.log_history.size(), 2u);
  EXPECT_EQ(read.log_history[0].step, 10);
  EXPECT_THAT(
      read.log_history[0].values,
      testing::UnorderedElementsAre(testing::Pair("loss", 2.5), testing::Pair("learning_rate", 1e-4)));
}

TEST(TrainerState, NamesTheKeyThatIsWrong) {
  const test::ScratchFolder scratch;
  WriteTrainerState(scratch / "s.json", TrainerState());
  Json bad = ReadJsonFile(scratch / "s.json");
  bad["log_history"] = Json::parse(R"([{"epoch": 1, "step": 1}, {"epoch": 1, "step": -1}])");
  WriteJsonFile(scratch / "s.json", bad);
  try {
    ReadTrainerState(scratch / "s.json");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("'log_history[1].step' is -1"));
  }
}

TEST(Results, AMetricIsFoundByItsFirstNameAndIsNothingWhenItIsNotFinite) {
  const Metrics metrics = {{"eval_exact_match", 50}, {"eval_f1", 60}, {"eval_loss", std::nan("")}};
  EXPECT_EQ(FindMetric(metrics, {"eval_exact", "eval_exact_match"}), 50);
  EXPECT_EQ(FindMetric(metrics, {"eval_f1", "eval_exact_match"}), 60);
  EXPECT_EQ(FindMetric(metrics, {"eval_loss"}), std::nullopt);
  EXPECT_EQ(FindMetric(metrics, {"eval_total"}), std::nullopt);
}

}  // namespace
}  // namespace bv
