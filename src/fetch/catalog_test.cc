#include "fetch/catalog.h"

#include <gmock/gmock.h>

#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/strings.h"
#include "base/testing.h"
#include "fetch/content_hash.h"
#include "fetch/data_sets.h"
#include "fetch/homes.h"
#include "fetch/url.h"

namespace bv::fetch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kHash(64, 'a');

Json Source() {
  return {
      {"url", "https://example.org/lh/train.json"}, {"bytes", 5}, {"sha256", kHash}, {"name", "train.json"}};
}
std::vector<DataSet> Read(const Json& json) {
  const test::ScratchFolder folder;
  WriteJsonFile(folder / "c.json", json);
  return ReadCatalog(folder / "c.json");
}
std::string SourceError(const std::string& key, const Json& value) {
  Json source = Source();
  if (value.is_discarded()) {
    source.erase(key);
  } else {
    source[key] = value;
  }
  try {
    Read({{"lh", {{"sources", {source}}}}});
  } catch (const Error& error) {
    return error.what();
  }
  return "(no error)";
}

TEST(KnownDataSets, AreSquadAndTheNineTasksOfGlue) {
  std::set<std::string> names;
  for (const DataSet& set : KnownDataSets()) EXPECT_TRUE(names.insert(set.name).second) << set.name;
  EXPECT_EQ(names.size(), 11U);
  EXPECT_TRUE(names.contains("squad1.1") && names.contains("squad2"));
  EXPECT_EQ(GlueTasks().size(), 9U);
  for (const std::string& task : GlueTasks()) EXPECT_TRUE(names.contains(task)) << task;
}

TEST(KnownDataSets, HaveSoundEntries) {
  std::set<std::string> commits, hashes;
  for (const DataSet& set : KnownDataSets()) {
    EXPECT_TRUE(commits.insert(set.Commit()).second) << set.name;
    EXPECT_EQ(set.Commit().size(), 40U);
    EXPECT_FALSE(set.Files().empty());
    for (const DataSource& source : set.sources) {
      EXPECT_EQ(OriginOf(source.url).scheme, "https");
      EXPECT_EQ(ParseEtag(source.sha256)->hex, source.sha256);
      EXPECT_TRUE(hashes.insert(source.sha256).second) << source.url;
      EXPECT_EQ(source.is_archive(), source.url.ends_with(".zip"));
      EXPECT_GT(source.bytes, 0);
    }
  }
  EXPECT_THAT(FindDataSet(KnownDataSets(), "squad2")->Files(), ElementsAre("train.json", "dev.json"));
  EXPECT_THAT(FindDataSet(KnownDataSets(), "mrpc")->Files(), ElementsAre("train.tsv", "dev.tsv", "test.tsv"));
}

TEST(SourceUrl, AMirrorKeepsTheLastPart) {
  const DataSet& set = *FindDataSet(KnownDataSets(), "cola");
  EXPECT_THAT(SourceUrl("", set, set.sources[0]), HasSubstr("/glue/data/CoLA.zip"));
  EXPECT_EQ(SourceUrl("http://m.example/d", set, set.sources[0]), "http://m.example/d/cola/CoLA.zip");
}

TEST(ReadCatalog, AddsSetsAndReplacesKnownOnes) {
  const auto sets = Read(
      {{"lh", {{"about", "lighthouses"}, {"sources", {Source()}}}}, {"cola", {{"sources", {Source()}}}}});
  EXPECT_EQ(sets.size(), KnownDataSets().size() + 1);
  EXPECT_EQ(FindDataSet(sets, "lh")->about, "lighthouses");
  EXPECT_THAT(FindDataSet(sets, "cola")->Files(), ElementsAre("train.json"));
  EXPECT_EQ(FindDataSet(sets, "none"), nullptr);
}

TEST(ReadCatalog, ACommitTellsContentsAndNamesApart) {
  const auto commit = [](const Json& source) {
    return FindDataSet(Read({{"lh", {{"sources", {source}}}}}), "lh")->Commit();
  };
  Json renamed = Source(), other = Source();
  renamed["name"] = "dev.json";
  other["sha256"] = std::string(64, 'b');
  EXPECT_EQ(commit(Source()), commit(Source()));
  EXPECT_NE(commit(Source()), commit(renamed));
  EXPECT_NE(commit(Source()), commit(other));
}

TEST(ReadCatalog, ErrorsNameThePlace) {
  const Json gone(Json::value_t::discarded);
  EXPECT_THAT(SourceError("url", "ftp://x/y"), HasSubstr("c.json: 'lh.sources[0].url' is 'ftp://x/y'"));
  EXPECT_THAT(SourceError("url", gone), HasSubstr("'lh.sources[0].url' is missing"));
  EXPECT_THAT(SourceError("bytes", -1), HasSubstr("'lh.sources[0].bytes' is -1"));
  EXPECT_THAT(SourceError("sha256", "abc"), HasSubstr("64 digits"));
  EXPECT_THAT(SourceError("sha256", "\"" + kHash + "\""), HasSubstr("64 digits"));
  EXPECT_THAT(SourceError("name", gone), HasSubstr("needs either 'name'"));
  EXPECT_THAT(SourceError("members", {{"a", "b"}}), HasSubstr("needs either 'name'"));
  for (const char* bad : {"../x", "a/b", "", ".x", "a b"})
    EXPECT_THAT(SourceError("name", bad), HasSubstr("a plain name")) << bad;
  EXPECT_THROW(Read({{"lh", {{"sources", {Source(), Source()}}}}}), Error);
  EXPECT_THROW(Read({{"lh", {{"sources", Json::array()}}}}), Error);
  EXPECT_THROW(Read({{"a/b", {{"sources", {Source()}}}}}), Error);
  EXPECT_THROW(Read(Json::array()), Error);
}

TEST(ReadCatalog, MembersAreFilesOfAnArchive) {
  Json source = Source();
  source.erase("name");
  source["members"] = {{"dev.json", "lh/dev.json"}};
  const auto sets = Read({{"lh", {{"sources", {source}}}}});
  EXPECT_TRUE(FindDataSet(sets, "lh")->sources[0].is_archive());
  source["members"] = {{"dev.json", ""}};
  EXPECT_THROW(Read({{"lh", {{"sources", {source}}}}}), Error);
  source["members"] = Json::object();
  EXPECT_THROW(Read({{"lh", {{"sources", {source}}}}}), Error);
}

}  // namespace
}  // namespace bv::fetch
