#include "run/event_writer.h"

#include <unistd.h>

#include <array>
#include <bit>
#include <chrono>
#include <cstring>

#include "base/error.h"
#include "base/file.h"
#include "base/strings.h"

namespace bv {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");

constexpr std::array<uint32_t, 256> MakeCrcTable() {
  constexpr uint32_t kPolynomial = 0x82F63B78;  // Castagnoli, reflected
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? kPolynomial : 0);
    table[i] = value;
  }
  return table;
}
constexpr std::array<uint32_t, 256> kCrcTable = MakeCrcTable();

template <typename Value>
std::string Raw(Value value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

// Protocol buffers: a field is its number and wire type, then a varint, 8 or 4 raw bytes, or length and
// bytes.
enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

std::string Varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}
std::string Key(uint32_t field, WireType type) {
  return Varint(field << 3 | type);
}
std::string BytesField(uint32_t field, std::string_view bytes) {
  return Key(field, kBytes) + Varint(bytes.size()) + std::string(bytes);
}

// Event: wall_time = 1, step = 2, then one of file_version = 3, summary = 5, session_log = 7.
std::string EventOf(double wall_time, int64_t step, uint32_t field, std::string_view content) {
  return Key(1, kFixed64) + Raw(wall_time) + Key(2, kVarint) + Varint(static_cast<uint64_t>(step)) +
         BytesField(field, content);
}

double WallTime() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// TensorBoard reads a folder's files in the order of their names; the counter orders those of one second.
fs::path NewName(const fs::path& folder) {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) std::strcpy(host.data(), "localhost");
  const auto second = static_cast<int64_t>(WallTime());
  for (int counter = 0;; ++counter) {
    fs::path name =
        folder / Cat("events.out.tfevents.", second, ".", host.data(), ".", getpid(), ".", counter);
    if (!fs::exists(name)) return name;
  }
}

}  // namespace

uint32_t Crc32c(std::string_view bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) crc = (crc >> 8) ^ kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  return ~crc;
}

uint32_t MaskedCrc32c(std::string_view bytes) {
  return std::rotr(Crc32c(bytes), 15) + 0xA282EAD8;
}

std::string FramedRecord(std::string_view event) {
  const std::string length = Raw(static_cast<uint64_t>(event.size()));
  return length + Raw(MaskedCrc32c(length)) + std::string(event) + Raw(MaskedCrc32c(event));
}

std::string ScalarEvent(double wall_time, int64_t step, std::string_view tag, float value) {
  // Summary: repeated value = 1 with tag = 1, simple_value = 2.
  const std::string scalar = BytesField(1, tag) + Key(2, kFixed32) + Raw(value);
  return EventOf(wall_time, step, 5, BytesField(1, scalar));
}

EventWriter::EventWriter(const fs::path& folder, int64_t resumed_at) : path_(NewName(folder)) {
  file_.reset(std::fopen(path_.c_str(), "wxb"));
  if (file_ == nullptr) throw IoError("cannot create", path_.string());
  Append(EventOf(WallTime(), 0, 3, "brain.Event:2"));
  // SessionLog: status = 1, START = 1.
  if (resumed_at > 0) Append(EventOf(WallTime(), resumed_at, 7, Key(1, kVarint) + Varint(1)));
  Flush();
}

void EventWriter::Scalar(std::string_view tag, double value, int64_t step) {
  Append(ScalarEvent(WallTime(), step, tag, static_cast<float>(value)));
}

void EventWriter::Append(std::string_view event) {
  const std::string record = FramedRecord(event);
  if (std::fwrite(record.data(), 1, record.size(), file_.get()) != record.size()) {
    throw IoError("cannot write", path_.string());
  }
}

void EventWriter::Flush() {
  if (std::fflush(file_.get()) != 0) throw IoError("cannot write", path_.string());
}

}  // namespace bv
