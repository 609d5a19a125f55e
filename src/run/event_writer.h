// Scalars for TensorBoard: an events.out.tfevents file in a folder. Written as records of length, masked
// crc32c, protocol-buffer Event, masked crc32c; only the message fields that scalars need are known here. The
// file grows by appending and is complete after every Flush, so a killed process leaves a readable file.
// One owner.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace bv {

class EventWriter {
 public:
  // Starts a new file. resumed_at: the first step this process will write; above 0 readers forget what an
  // interrupted process wrote from that step on. Errors: kIo.
  explicit EventWriter(const std::filesystem::path& folder, int64_t resumed_at = 0);

  // Example: Scalar("train/loss", 0.7, step). Errors: kIo.
  void Scalar(std::string_view tag, double value, int64_t step);
  void Flush();
  const std::filesystem::path& path() const { return path_; }

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void Append(std::string_view event);
  std::filesystem::path path_;
  std::unique_ptr<std::FILE, Closer> file_;
};

// The parts, for tests.
uint32_t Crc32c(std::string_view bytes);
// crc32c rotated and shifted, as the record format stores it.
uint32_t MaskedCrc32c(std::string_view bytes);
// A framed record around an encoded Event.
std::string FramedRecord(std::string_view event);
// Event {wall_time, step, summary {value {tag, simple_value}}}.
std::string ScalarEvent(double wall_time, int64_t step, std::string_view tag, float value);

}  // namespace bv
