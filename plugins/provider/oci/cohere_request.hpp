// SPDX-License-Identifier: Apache-2.0
// What the requests of Cohere's two formats have in common.
#pragma once

#include "plugins/provider/oci/chat_request.hpp"

namespace gatehouse::oci {

class CohereRequestWriter : protected RequestWriter {
protected:
    using RequestWriter::RequestWriter;

    /// What neither of them can express.
    Result<void> check_cohere() const;
    /// Limits, temperature and the like, within the bounds that Cohere has.
    void write_cohere_sampling();
    Result<void> write_cohere_format();
};

}  // namespace gatehouse::oci
