#include "cli/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/testing.h"
#include "cli/values.h"

namespace bv::cli {
namespace {

using testing::HasSubstr;

// A made-up verb with an option of every type.
struct Sample {
  bool flag = false;
  std::string text = "minilm", choice = "f32";
  std::filesystem::path path;
  int32_t count = 384;
  int64_t seed = 0;
  double rate = 1e-3;
  std::vector<std::string> heads;
  std::vector<double> checkpoints;
  Options options{"sample", "shows everything"};

  Sample() {
    options.Flag("--flag", &flag, "a switch");
    options.Text("--model", &text, "a model");
    options.Choice("--codec", &choice, {"f32", "f16"}, "a codec");
    options.Path("--out", &path, "a folder");
    options.Integer("--max-length", &count, 8, 4096, "pieces");
    options.Integer("--seed", &seed, -5, kNoLimit, "a seed");
    options.Number("--lr", &rate, 0, 1, "a rate");
    options.Texts("--head", &heads, "heads");
    options.Numbers("--checkpoints", &checkpoints, 0, 100, "epochs");
  }

  std::string ErrorOf(const std::vector<std::string>& args) {
    try {
      options.Parse(args);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
      return error.what();
    }
    return "no error";
  }
};

std::string ErrorOf(const std::vector<std::string>& args) {
  return Sample().ErrorOf(args);
}

TEST(Options, ReadEveryType) {
  Sample s;
  ASSERT_TRUE(
      s.options.Parse({"--flag", "--model", "", "--codec=f16", "--out", "-", "--max-length", "8", "--seed",
                       "-5", "--lr=1e-05", "--head", "a,b", "c", "--checkpoints", "0.1,0.3"}));
  EXPECT_TRUE(s.flag);
  EXPECT_EQ(s.text, "");
  EXPECT_EQ(s.choice, "f16");
  EXPECT_EQ(s.path, "-");
  EXPECT_EQ(s.count, 8);
  EXPECT_EQ(s.seed, -5);
  EXPECT_EQ(s.rate, 1e-5);
  EXPECT_THAT(s.heads, testing::ElementsAre("a", "b", "c"));
  EXPECT_THAT(s.checkpoints, testing::ElementsAre(0.1, 0.3));
}

TEST(Options, KeepDefaultsWhenNothingIsGiven) {
  Sample s;
  ASSERT_TRUE(s.options.Parse({}));
  EXPECT_EQ(s.count, 384);
  EXPECT_FALSE(s.options.Given("--max-length"));
}

TEST(Options, RefuseNumbersThatAreNotWholeOrOutOfBounds) {
  for (const char* bad : {"7", "4097", "8.0", "8x", "", " 8", "0x10", "1e3", "99999999999999999999"}) {
    EXPECT_THAT(ErrorOf({"--max-length", bad}), HasSubstr("a whole number is needed: 8 to 4096")) << bad;
  }
  for (const char* bad : {"nan", "inf", "-0.1", "1.5", "1,5", "0.1.2", "1e999", "--"}) {
    EXPECT_THAT(ErrorOf({"--lr", bad}), HasSubstr("a number is needed: 0 to 1")) << bad;
  }
  EXPECT_THAT(ErrorOf({"--checkpoints", "0.1,,1"}), HasSubstr("--checkpoints is ''"));
}

TEST(Options, NameTheNearestKnownOption) {
  EXPECT_THAT(ErrorOf({"--max-lenght", "8"}), HasSubstr("no option '--max-lenght'; nearest: --max-length"));
  EXPECT_THAT(ErrorOf({"--max_length=8"}), HasSubstr("no option '--max_length'; nearest: --max-length"));
  EXPECT_THAT(ErrorOf({"stray"}), HasSubstr("unexpected argument 'stray'"));
  EXPECT_THAT(ErrorOf({"-x"}), HasSubstr("no option '-x'"));
  EXPECT_THAT(ErrorOf({"--codec", "f64"}), HasSubstr("--codec is 'f64', one of these is needed: f32, f16"));
}

TEST(Options, RefuseRepeatsAndMissingValues) {
  EXPECT_THAT(ErrorOf({"--lr", "0.1", "--lr", "0.2"}), HasSubstr("--lr is given 2 times"));
  EXPECT_THAT(ErrorOf({"--flag", "--flag"}), HasSubstr("--flag is given 2 times"));
  EXPECT_THAT(ErrorOf({"--flag=maybe"}), HasSubstr("--flag is 'maybe', true or false is needed"));
  EXPECT_THAT(ErrorOf({"--out", "--lr", "0.1"}), HasSubstr("--out has no value: --lr follows"));
  EXPECT_THAT(ErrorOf({"--out="}), HasSubstr("--out= has no value"));
  EXPECT_THAT(ErrorOf({"--out", ""}), HasSubstr("--out is empty"));
  EXPECT_THAT(ErrorOf({"--lr"}), HasSubstr("--lr"));
  EXPECT_THAT(ErrorOf({"--quiet", "--verbose"}), HasSubstr("exclude each other"));
}

TEST(Options, RequiredOnesMayComeFromTheConfiguration) {
  const test::ScratchFolder scratch;
  std::filesystem::path data;
  Options missing("sample", "");
  missing.Path("--data", &data, "the questions").Required();
  EXPECT_THROW(missing.Parse({}), Error);
  WriteFileAtomically(scratch / "c.toml", "data = 'x.json'\n");
  ASSERT_TRUE(missing.Parse({"--config", scratch / "c.toml"}));
  EXPECT_EQ(data, "x.json");
}

TEST(Options, CommandLineGoesBeforeVerbTableBeforeTopLevel) {
  const test::ScratchFolder scratch;
  WriteFileAtomically(scratch / "c.toml", R"(
lr = 0.5
max-length = 100
seed = 1
head = ["x", "y"]
flag = true
[sample]
max-length = 200
seed = 2
)");
  Sample s;
  ASSERT_TRUE(s.options.Parse({"--config", scratch / "c.toml", "--seed", "3"}));
  EXPECT_EQ(s.rate, 0.5);
  EXPECT_EQ(s.count, 200);
  EXPECT_EQ(s.seed, 3);
  EXPECT_THAT(s.heads, testing::ElementsAre("x", "y"));
  EXPECT_TRUE(s.flag);
  const OrderedJson all = s.options.ToJson();
  EXPECT_EQ(all["lr"].dump(), R"({"value":0.5,"from":"config"})");
  EXPECT_EQ(all["seed"].dump(), R"({"value":3,"from":"command line"})");
  EXPECT_EQ(all["codec"].dump(), R"({"value":"f32","from":"default"})");
  EXPECT_FALSE(all.contains("help"));
}

TEST(Options, ConfigurationErrorsNameFileAndKey) {
  const test::ScratchFolder scratch;
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"lrr = 1", "'lrr' is no option of bertvision sample; nearest: lr"},
      {"lr = 'fast'", "'lr' is string, a number is needed"},
      {"lr = 2", "'lr' is '2', a number is needed: 0 to 1"},
      {"max-length = 8.0", "'max-length' is number, a whole number is needed"},
      {"model = 3", "'model' is number, a string is needed"},
      {"model = ['a']", "'model' is array, a string is needed"},
      {"flag = 1", "'flag' is number, true or false is needed"},
      {"help = true", "'help' is no option"},
      {"[smaple]\nlr = 1", "[smaple] is no verb; nearest: sample"},
      {"lr =", "not valid TOML at line 1"},
  };
  for (const auto& [text, wanted] : cases) {
    WriteFileAtomically(scratch / "c.toml", text + "\n");
    const std::string error = ErrorOf({"--config", scratch / "c.toml"});
    EXPECT_THAT(error, HasSubstr(wanted)) << text;
    EXPECT_THAT(error, HasSubstr("c.toml: ")) << text;
  }
}

TEST(Options, ArgumentsMayBeManyAndStandAnywhere) {
  Options options("sample", "");
  std::vector<std::string> names;
  std::string revision = "main";
  options.Arguments("NAME", &names, "names");
  options.Text("--revision", &revision, "a revision");
  ASSERT_TRUE(options.Parse({"a/b", "c", "--revision", "v1", "--", "d"}));
  EXPECT_THAT(names, testing::ElementsAre("a/b", "c", "d"));
  EXPECT_EQ(revision, "v1");
  EXPECT_THAT(options.Help(), HasSubstr("Usage: bertvision sample [NAME…] [options]"));
}

TEST(Options, ArgumentsAreNotRequiredUnlessTheyAreDeclaredSo) {
  std::vector<std::string> names;
  Options free("sample", ""), required("sample", "");
  free.Arguments("NAME", &names, "names");
  EXPECT_TRUE(free.Parse({}));
  EXPECT_TRUE(names.empty());
  required.Arguments("NAME", &names, "names").Required();
  EXPECT_THROW(required.Parse({}), Error);
}

TEST(Options, DataFilesMayBeNamesOfFetchedParts) {
  const test::ScratchFolder cache;
  const std::filesystem::path repository = cache / "datasets--bertvision--lh";
  MakeFolder(repository / "refs");
  MakeFolder(repository / "snapshots/abc");
  WriteFileAtomically(repository / "refs/main", "abc");
  WriteFileAtomically(repository / "snapshots/abc/train.json", "{}");
  setenv("HF_HUB_CACHE", cache.path().c_str(), 1);
  Options options("sample", "");
  std::filesystem::path data, other;
  options.DataFile("--data", &data, "data");
  options.DataFile("PATH", &other, "data");
  ASSERT_TRUE(options.Parse({"--data", "lh/train", "no/where.json"}));
  EXPECT_EQ(data, repository / "snapshots/abc/train.json");
  EXPECT_EQ(other, "no/where.json");
  EXPECT_EQ(options.ToJson()["data"]["value"], data.string());
  EXPECT_THAT(options.Help(), HasSubstr("--data FILE"));
  unsetenv("HF_HUB_CACHE");
}

TEST(Values, NumbersAreShownShortAndExact) {
  EXPECT_EQ(ShortestNumber(0.0001), "0.0001");
  EXPECT_EQ(ShortestNumber(1e-12), "1e-12");
  EXPECT_EQ(ShortestNumber(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(ShortestNumber(100000), "100000");
  EXPECT_EQ(ShortestNumber(-2), "-2");
}

TEST(Options, HelpShowsTypeBoundsAndDefault) {
  Sample s;
  EXPECT_FALSE(s.options.Parse({"--lr", "0.1", "--help"}));
  const std::string help = s.options.Help();
  EXPECT_THAT(help, HasSubstr("  --max-length N              pieces (8 to 4096; default 384)\n"));
  EXPECT_THAT(help, HasSubstr("  --codec f32|f16             a codec (default f32)\n"));
  EXPECT_THAT(help, HasSubstr("a rate (0 to 1; default 0.001)\n"));
}

}  // namespace
}  // namespace bv::cli
