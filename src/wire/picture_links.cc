#include "wire/picture_links.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>

#include "base/web_address.h"
#include "wire/json_in.h"

namespace hearth::wire {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t kLongestScheme = 64;  // "https://" stands at the begin of a link
constexpr std::uint16_t kHttpsPort = 443;

enum class Medium { kPicture, kOther };

/// A part of a message that names a file: which member holds its address, or under which names in that member.
struct Place {
  std::string_view type;
  const char* member;
  std::array<const char*, 2> names;
  Medium medium;
};
constexpr Place kPlaces[] = {
    {"image_url", "image_url", {"url"}, Medium::kPicture},
    {"input_image", "image_url", {"url"}, Medium::kPicture},
    {"image", "source", {"url"}, Medium::kPicture},
    {"document", "source", {"url"}, Medium::kOther},
    {"input_file", "file_url", {}, Medium::kOther},
    {"input_audio", "input_audio", {"data", "url"}, Medium::kOther},
    {"input_video", "input_video", {"data", "url"}, Medium::kOther},
    {"video_url", "video_url", {"data", "url"}, Medium::kOther},
};

bool is_link(const std::string& text) {
  if (text.starts_with("data:")) return false;
  const std::string_view begin = std::string_view(text).substr(0, kLongestScheme);
  return begin.find("://") != begin.npos || begin.starts_with("http") || begin.starts_with("file:");
}

template <typename Document>
bool is_link(const Document& value) {
  return value.is_string() && is_link(value.template get_ref<const std::string&>());
}

template <typename Document>
std::string type_of(const Document& part) {
  const auto type = part.find("type");
  return type != part.end() && type->is_string() ? type->template get<std::string>() : std::string();
}

/// `visit(part, value, medium)` for what of `part` is a link.
template <typename Document, typename Visit>
void visit_place(Document& part, const Place& place, const Visit& visit) {
  const auto member = part.find(place.member);
  if (member == part.end()) return;
  if (is_link(*member)) return visit(part, *member, place.medium);
  if (!member->is_object()) return;
  // Anthropic's sources say what they are: a text may begin with an address.
  if (std::string_view(place.member) == "source" && type_of(*member) != "url") return;
  for (const char* name : place.names) {
    if (name == nullptr) continue;
    const auto value = member->find(name);
    if (value != member->end() && is_link(*value)) visit(part, *value, place.medium);
  }
}

constexpr const char* kInner[] = {"content", "output"};

/// A message, a part of one, or what a tool answered. The depth is bounded already (json_text.h).
template <typename Document, typename Visit>
void visit_part(Document& part, const Visit& visit) {
  if (!part.is_object()) return;
  const std::string type = type_of(part);
  for (const Place& place : kPlaces) {
    if (place.type == type) visit_place(part, place, visit);
  }
  for (const char* list : kInner) {
    const auto inner = part.find(list);
    if (inner == part.end() || !inner->is_array()) continue;
    for (auto& element : *inner) visit_part(element, visit);
  }
}

bool is_media(const Json& part) {
  if (!part.is_object()) return false;
  const std::string type = type_of(part);
  const auto is_at = [&](const Place& place) { return place.type == type && part.contains(place.member); };
  if (std::any_of(std::begin(kPlaces), std::end(kPlaces), is_at)) return true;
  return std::any_of(std::begin(kInner), std::end(kInner), [&](const char* list) {
    const auto inner = part.find(list);
    return inner != part.end() && inner->is_array() && std::any_of(inner->begin(), inner->end(), is_media);
  });
}

constexpr const char* kLists[] = {"messages", "input", "system", "content", "prompt"};

template <typename Document, typename Visit>
void visit_links(Document& body, const char* list, const Visit& visit) {
  const auto found = body.find(list);
  if (found == body.end() || !found->is_array()) return;
  for (auto& element : *found) visit_part(element, visit);
}

bool is_listed(const base::WebAddress& address, std::span<const std::string> hosts) {
  return std::any_of(hosts.begin(), hosts.end(), [&](const std::string& entry) {
    const auto host = base::parse_web_host(entry);
    if (!host || host->name != address.host || address.port != host->port.value_or(kHttpsPort)) return false;
    return address.scheme == base::WebScheme::kHttps || (host->port && base::is_loopback_name(host->name));
  });
}

ApiError refuse(std::string_view field, std::string message) {
  return bad_field(field, std::move(message), "unsupported_value");
}

tl::expected<PictureLink, ApiError> read_link(const std::string& url, const char* field,
                                              std::span<const std::string> hosts) {
  const auto address = base::parse_web_address(url);
  if (!address)
    return tl::unexpected(refuse(field, "a picture's address is no clean https:// link; send it as a data: URL"));
  if (is_listed(*address, hosts)) return PictureLink{address->text(), address->host, field};
  const std::string port = std::to_string(address->port);
  return tl::unexpected(refuse(
      field, "no picture is fetched from '" + address->host + "' (" +
                 (address->scheme == base::WebScheme::kHttp ? "http" : "https") + ", port " + port +
                 "): send it as a data: URL, or have the server's operator name the host in language.image_hosts"));
}

}  // namespace

tl::expected<std::vector<PictureLink>, ApiError> read_picture_links(const Json& body,
                                                                    std::span<const std::string> hosts) {
  std::vector<PictureLink> links;
  std::optional<ApiError> error;
  for (const char* field : kLists) {
    visit_links(body, field, [&](const Json&, const Json& value, Medium medium) {
      if (error) return;
      if (medium != Medium::kPicture) {
        error = refuse(field, "nothing is downloaded but pictures: send media as data: URLs");
        return;
      }
      auto link = read_link(value.get_ref<const std::string&>(), field, hosts);
      if (!link) {
        error = std::move(link.error());
      } else if (links.size() == kMaxPictureLinks) {
        error = refuse(field, "at most " + std::to_string(kMaxPictureLinks) +
                                  " pictures are fetched for one request; send the others as data: URLs");
      } else {
        links.push_back(std::move(*link));
      }
    });
  }
  if (error) return tl::unexpected(std::move(*error));
  return links;
}

bool has_media(const Json& body) {
  return std::any_of(std::begin(kLists), std::end(kLists), [&body](const char* field) {
    const auto list = body.find(field);
    return list != body.end() && list->is_array() && std::any_of(list->begin(), list->end(), is_media);
  });
}

std::string with_pictures(std::string_view body, std::span<const std::string> data_urls) {
  OrderedJson document = OrderedJson::parse(body);
  std::size_t next = 0;
  for (const char* field : kLists) {
    visit_links(document, field, [&](OrderedJson& part, OrderedJson& value, Medium) {
      if (next == data_urls.size()) return;
      value = data_urls[next++];
      // Clients mix the two up: OpenAI's chat has an object there, its responses have a string.
      const std::string type = type_of(part);
      if (type == "image_url" && part["image_url"].is_string())
        part["image_url"] = OrderedJson{{"url", data_urls[next - 1]}};
      if (type == "input_image" && part["image_url"].is_object()) part["image_url"] = data_urls[next - 1];
    });
  }
  return document.dump();
}

}  // namespace hearth::wire
