// Text into HTML and JSON into a script element, so that no text can end its element or become markup.
// Invalid UTF-8 becomes U+FFFD. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"

namespace bv {

// For element content and for attribute values in double quotes.
std::string HtmlText(std::string_view text);

// One line for <script type="application/json">: no '<', '>' or '&' is left in it.
std::string JsonForScript(const OrderedJson& json);

// The template with every {{name}} replaced by its value; values are put in as they are and not looked at
// again. Errors: kInternal for a name without a value and for a value that is not used.
std::string FillTemplate(std::string_view text,
                         const std::vector<std::pair<std::string, std::string>>& values);

}  // namespace bv
