#include "run/event_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/testing.h"

namespace bv {
namespace {

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

// Known answers of RFC 3720, appendix B.4.
TEST(EventWriter, ChecksumIsCastagnolis) {
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62A8AB43u);
  EXPECT_EQ(Crc32c(""), 0u);
}

// The bytes that TensorBoard's own writer (tensorboard 2.21) gives for the same event.
TEST(EventWriter, BytesAreTensorBoards) {
  const std::string event = ScalarEvent(1.5, 300, "train/loss", 0.25F);
  EXPECT_EQ(event, FromHex("09000000000000f83f10ac022a130a110a0a747261696e2f6c6f7373150000803e"));
  EXPECT_EQ(FramedRecord(event), FromHex("2100000000000000017becf609000000000000f83f10ac022a130a110a0a7472"
                                         "61696e2f6c6f7373150000803e6557981f"));
}

TEST(EventWriter, FileStartsWithItsVersionAndGrowsByWholeRecords) {
  const test::ScratchFolder scratch;
  EventWriter writer(scratch.path());
  const std::string head = ReadFile(writer.path());
  EXPECT_THAT(head, testing::HasSubstr("brain.Event:2"));
  EXPECT_THAT(writer.path().filename().string(), testing::StartsWith("events.out.tfevents."));
  writer.Scalar("eval/f1", 50, 7);
  writer.Flush();
  const std::string grown = ReadFile(writer.path());
  EXPECT_EQ(grown.size() - head.size(), FramedRecord(ScalarEvent(0, 7, "eval/f1", 50)).size());
  EXPECT_THAT(grown, testing::StartsWith(head));
}

TEST(EventWriter, NeverOverwritesAnotherFile) {
  const test::ScratchFolder scratch;
  const EventWriter first(scratch.path());
  const EventWriter second(scratch.path(), 10);
  EXPECT_NE(first.path(), second.path());
  EXPECT_THROW(EventWriter(scratch / "missing"), Error);
}

}  // namespace
}  // namespace bv
