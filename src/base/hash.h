// xxh3, the project's checksum and fingerprint. Not a defence against forgery.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace bv {

// Streaming 64-bit xxh3. One owner.
class Xxh3 {
 public:
  Xxh3();
  ~Xxh3();
  Xxh3(const Xxh3&) = delete;
  Xxh3& operator=(const Xxh3&) = delete;
  void Update(const void* data, size_t bytes);
  void Update(std::string_view text) { Update(text.data(), text.size()); }
  uint64_t Digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

uint64_t HashBytes(const void* data, size_t bytes);
inline uint64_t HashText(std::string_view text) {
  return HashBytes(text.data(), text.size());
}
// Errors: as ReadInBlocks.
uint64_t HashFile(const std::filesystem::path& path);
// 16 lower-case hexadecimal digits.
std::string Hex(uint64_t value);
// Back; nothing for any other text.
std::optional<uint64_t> ParseHex(std::string_view text);

}  // namespace bv
