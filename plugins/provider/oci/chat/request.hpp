// SPDX-License-Identifier: Apache-2.0
// Common code of all formats' request writers: the outer object, optional fields
// that a model may refuse, limits on expanded schemas, and a list of dropped
// fields.  A writer is used once, by one thread.
#pragma once

#include "plugins/common/json/extras.hpp"
#include "plugins/provider/oci/chat/format.hpp"
#include "plugins/provider/oci/schema/json_schema.hpp"

#include <gatehouse/json_writer.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::oci {

/// Returns the word in upper case if it is one of `words`, otherwise an empty
/// text.
std::string_view one_of(std::string_view value, std::initializer_list<std::string_view> words);

/// An error for a field that the format cannot express.  It names the client's
/// field.
Error no_place(std::string message, std::string param);

class RequestWriter {
protected:
    RequestWriter(const ChatRequest& request, const Model& model, bool stream);
    ~RequestWriter() = default;

    /// Checks for fields that no format can express.
    Result<void> check() const;

    /// Writes the request up to `apiFormat`.  The format's own members follow.
    void open(std::string_view compartment_id, std::string_view api_format);
    /// Writes the end, and notes the fields that no format has.
    Written close();

    /// Writes the key of `field`, unless the field is dropped for this model.
    bool begin(RequestField field, std::string_view name);
    bool begin(RequestField field) { return begin(field, names_of(field).oci); }
    template <typename T>
    void number(RequestField field, const std::optional<T>& value) {
        if (value && begin(field)) json_.value(*value);
    }
    void word(RequestField field, std::string_view value) {
        if (!value.empty() && begin(field)) json_.value(value);
    }
    void raw(RequestField field, const JsonText& value) {
        if (!value.empty() && begin(field)) json_.raw(value.text);
    }

    void write_stream();
    void write_token_limit();
    void write_stop(std::string_view name);

    /// Notes that the client's `name` is not sent.  The request keeps its meaning
    /// without it.
    void leave_out(std::string_view name);
    void leave_out(bool given, std::string_view name) {
        if (given) leave_out(name);
    }

    /// Returns the indexes of the tools that are functions, or an empty list for a
    /// model without tool support.  Tools of other types are dropped, because some
    /// clients always send them.
    std::vector<std::size_t> functions();
    /// Returns the schema of the tool at `index`, never empty.  Valid until the
    /// next schema is requested.
    Result<std::string_view> parameters(std::size_t index);
    /// Whether the response format has a schema: that of json_schema, or the member
    /// `schema` next to json_object, which llama.cpp has introduced.
    bool wants_schema() const;
    /// Returns that schema, or an empty text.  Valid until the next schema is
    /// requested.
    Result<std::string_view> response_schema();

    const ChatRequest& request_;
    const Model& model_;
    const bool stream_;
    Written out_;
    JsonWriter json_;
    json::Extras extras_;

private:
    Result<void> check_format() const;
    Result<std::string_view> acceptable(std::string_view schema, bool arguments);

    SchemaBudget budget_;
    const JsonText schema_beside_;  // the schema next to json_object
};

}  // namespace gatehouse::oci
