// Single members out of a zip archive, by libzip, which checks their checksums. The caller has checked the
// archive's own hash. Safe from any thread; one archive by one thread.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace bv::fetch {

// Gives the member's content in pieces. Errors: kData for what is no zip archive, a member that is not there,
// damaged data; kInterrupted; what `take` throws.
void Unzip(const std::filesystem::path& archive, const std::string& member,
           const std::function<void(std::string_view piece)>& take);

}  // namespace bv::fetch
