#include "fetch/download.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/file.h"
#include "base/testing.h"
#include "fetch/file_lock.h"
#include "fetch/partial_file.h"

namespace bv::fetch {
namespace {

using testing::HasSubstr;

HttpResponse Answer(int status, const std::string& header, const std::string& value) {
  return {.url = "http://hub.example/x", .status = status, .headers = {{header, value}}, .reason = ""};
}
BodyPlace Ranged(const std::string& range, int64_t from) {
  return PlaceOf(Answer(206, "content-range", range), from);
}

TEST(PlaceOf, AWholeFileBeginsAtZeroWhateverWasAskedFor) {
  const BodyPlace place = PlaceOf(Answer(200, "content-length", "12"), 5);
  EXPECT_EQ(place.begin, 0);
  EXPECT_EQ(place.total, 12);
  EXPECT_EQ(PlaceOf(Answer(200, "x", "y"), 0).total, -1);
}

TEST(PlaceOf, ReadsContentRanges) {
  EXPECT_EQ(Ranged("bytes 5-11/12", 5).begin, 5);
  EXPECT_EQ(Ranged("bytes 5-11/12", 5).total, 12);
  EXPECT_EQ(Ranged("bytes 5-11/*", 5).total, -1);
  EXPECT_EQ(Ranged("bytes 3-11/12", 5).begin, 3);  // an overlap can be cut off
}

TEST(PlaceOf, RefusesRangesThatWouldLeaveAHoleOrSayNothing) {
  for (const char* bad : {"bytes 6-11/12", "", "bytes */12", "bytes -1-11/12", "items 5-11/12", "bytes 5",
                          "bytes x-11/12", "bytes 99999999999999999999-1/2"})
    EXPECT_THROW(Ranged(bad, 5), Error) << bad;
}

TEST(HttpResponse, NumbersAreWholeAndNotNegative) {
  EXPECT_EQ(Answer(200, "content-length", "12").Number("content-length"), 12);
  for (const char* bad : {"", "-1", "12x", " 12", "1e3", "99999999999999999999"})
    EXPECT_EQ(Answer(200, "content-length", bad).Number("content-length"), -1) << bad;
}

TEST(PartialFile, GoesOnWhereTheLastOneEnded) {
  const test::ScratchFolder folder;
  {
    PartialFile file(folder / "blobs/x");
    EXPECT_EQ(file.size(), 0);
    file.Append("hello");
  }
  EXPECT_EQ(ReadFile(folder / "blobs/x.incomplete"), "hello");
  PartialFile file(folder / "blobs/x");
  EXPECT_EQ(file.size(), 5);
  file.Truncate(3);
  file.Append("p!");
  file.Commit();
  EXPECT_EQ(ReadFile(folder / "blobs/x"), "help!");
  EXPECT_FALSE(fs::exists(folder / "blobs/x.incomplete"));
}

TEST(PartialFile, RemovingLeavesNothing) {
  const test::ScratchFolder folder;
  PartialFile file(folder / "x");
  file.Append("hello");
  file.Remove();
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Download, AWholePartIsCheckedWithoutTheNetwork) {
  const test::ScratchFolder folder;
  WriteFileAtomically(folder / "x.incomplete", "hello\n");
  Transfer transfer;
  const Wanted wanted = {.url = "http://hub.invalid/x",
                         .token = "",
                         .shown = "x",
                         .hash = *ParseEtag("ce013625030ba8dba906f756967f9e9ca394464a"),
                         .bytes = 6};
  EXPECT_EQ(Download(&transfer, wanted, folder / "x"), 0);
  EXPECT_EQ(ReadFile(folder / "x"), "hello\n");
  EXPECT_EQ(Download(&transfer, wanted, folder / "x"), 0);
}

TEST(Download, WhatTheDiskCannotHoldIsRefusedBeforeItIsBegun) {
  const test::ScratchFolder folder;
  Transfer transfer;
  const Wanted wanted = {.url = "http://hub.invalid/x",
                         .token = "",
                         .shown = "org/name: x",
                         .hash = *ParseEtag("ce013625030ba8dba906f756967f9e9ca394464a"),
                         .bytes = int64_t{1} << 60};
  try {
    Download(&transfer, wanted, folder / "x");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kIo);
    EXPECT_THAT(error.what(), HasSubstr("org/name: x: "));
    EXPECT_THAT(error.what(), HasSubstr("are free at '"));
  }
}

TEST(FileLock, MayBeTakenAgainAfterItsOwner) {
  const test::ScratchFolder folder;
  { const FileLock lock(folder / "locks/x.lock"); }
  const FileLock lock(folder / "locks/x.lock");
  EXPECT_TRUE(fs::exists(folder / "locks/x.lock"));
}

}  // namespace
}  // namespace bv::fetch
