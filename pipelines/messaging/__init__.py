"""WhatsApp templates: the customer service window, the template library, its limits, filling and payloads."""
